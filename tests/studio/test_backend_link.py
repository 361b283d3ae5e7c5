"""A backend is attached once, with its webhook, and proved; on the real Label Studio."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from stand_in_backend import StandInBackend

from goldleaf.core.errors import GoldleafError, UsageError
from goldleaf.studio.backend_link import (
    EVENTS,
    backend_rows,
    connect_backend,
    disconnect_backend,
    follow_version,
    linked_versions,
    refuses_login,
    webhook_url,
    webhooks,
)
from goldleaf.studio.client import Studio
from goldleaf.studio.embedded_label_studio import EmbeddedStudio
from goldleaf.studio.ports import is_free
from goldleaf.studio.projects import get_project
from goldleaf.studio.task_import import import_tasks

Start = Callable[..., StandInBackend]
Make = Callable[..., list[dict[str, Any]]]
USER, PASSWORD = "goldleaf", "a pass phrase"


@pytest.mark.label_studio
def test_connected_and_proved(
    label_studio: EmbeddedStudio, project: int, comparisons: Make, stand_in: Start
):
    studio = label_studio.studio
    backend = stand_in(user=USER, password=PASSWORD, secret="the webhook secret")
    (task,) = import_tasks(studio, project, comparisons(1)).task_ids
    link = connect_backend(
        studio,
        project,
        backend.url + "/",
        user=USER,
        password=PASSWORD,
        webhook_secret="the webhook secret",
        delivered=lambda: "PROJECT_UPDATED" in backend.events,
    )
    assert (link.predicted, link.delivered) == (True, True)
    assert link.model_version == backend.version
    assert backend.predictions == 1
    (row,) = backend_rows(studio, project)
    assert (row["id"], row["state"], row["title"]) == (link.ml_id, "CO", backend.version)
    (hook,) = webhooks(studio, project)
    assert hook["url"] == webhook_url(backend.url)
    assert not hook["send_for_all_actions"]
    assert sorted(hook["actions"]) == sorted(EVENTS)
    assert get_project(studio, project)["model_version"] == backend.version
    backend.events.clear()
    studio.post(f"/api/tasks/{task}/annotations/", {"result": []})
    import_tasks(studio, project, comparisons(1, start=9))
    assert backend.events == ["ANNOTATION_CREATED"], "new tasks are no news for a backend"
    assert backend.refused == []
    disconnect_backend(studio, project, backend.url)
    assert backend_rows(studio, project) == webhooks(studio, project) == []


@pytest.mark.label_studio
def test_connecting_again_cleans_up(label_studio: EmbeddedStudio, project: int, stand_in: Start):
    studio, backend = label_studio.studio, stand_in()
    for title in ("one", "two"):
        body = {"url": backend.url, "project": project, "title": title}
        studio.post("/api/ml", body)
        studio.post("/api/webhooks/", {"url": webhook_url(backend.url), "project": project})
    assert (len(backend_rows(studio, project)), len(webhooks(studio, project))) == (2, 3)
    first = connect_backend(studio, project, backend.url)
    backend.version = "stand-in-2"
    second = connect_backend(studio, project, backend.url, webhook_secret="new")
    assert (first.delivered, first.predicted) == (None, False)
    assert (first.ml_id, first.webhook_id) == (second.ml_id, second.webhook_id)
    assert (len(backend_rows(studio, project)), len(webhooks(studio, project))) == (1, 1)
    assert webhooks(studio, project)[0]["headers"] == {"X-Goldleaf-Webhook": "new"}
    assert get_project(studio, project)["model_version"] == "stand-in-2"


@pytest.mark.label_studio
def test_what_label_studio_makes_twice_is_there_once(
    label_studio: EmbeddedStudio, project: int, stand_in: Start, monkeypatch: pytest.MonkeyPatch
):
    """Its SQLite locked, it acts on a request again, though the first time made the row already."""
    studio, backend, post = label_studio.studio, stand_in(), Studio.post

    def twice(self: Studio, path: str, *args: Any, **more: Any) -> Any:
        if path in ("/api/ml/", "/api/webhooks/"):
            post(self, path, *args, **more)
        return post(self, path, *args, **more)

    monkeypatch.setattr(Studio, "post", twice)
    link = connect_backend(studio, project, backend.url)
    assert [row["id"] for row in backend_rows(studio, project)] == [link.ml_id]
    assert [hook["id"] for hook in webhooks(studio, project)] == [link.webhook_id]


@pytest.mark.label_studio
def test_other_backends_stay(label_studio: EmbeddedStudio, project: int, stand_in: Start):
    studio, one, other = label_studio.studio, stand_in(), stand_in()
    connect_backend(studio, project, one.url)
    connect_backend(studio, project, other.url)
    disconnect_backend(studio, project, one.url)
    assert [row["url"] for row in backend_rows(studio, project)] == [other.url]
    assert [hook["url"] for hook in webhooks(studio, project)] == [webhook_url(other.url)]


@pytest.mark.label_studio
def test_a_wrong_password_leaves_nothing_behind(
    label_studio: EmbeddedStudio, project: int, stand_in: Start
):
    studio, backend = label_studio.studio, stand_in(user=USER, password=PASSWORD)
    with pytest.raises(GoldleafError, match="cannot use this backend") as caught:
        connect_backend(studio, project, backend.url, user=USER, password="mistaken")
    assert "mistaken" not in str(caught.value)
    assert "user and password" in caught.value.fix
    assert backend_rows(studio, project) == webhooks(studio, project) == []


@pytest.mark.label_studio
def test_a_backend_that_is_down(label_studio: EmbeddedStudio, project: int):
    studio = label_studio.studio
    port = next(port for port in range(40100, 40200) if is_free(port))  # 401 is a status as well
    with pytest.raises(GoldleafError, match="health check failed"):
        connect_backend(studio, project, f"http://127.0.0.1:{port}")
    assert backend_rows(studio, project) == webhooks(studio, project) == []


@pytest.mark.parametrize(
    ("detail", "refused"),
    [
        ("Able to connect to ML Server, but authentication parameters were incorrect.", True),
        ("Reason: 401 Client Error: UNAUTHORIZED for url: http://127.0.0.1:9090/setup.", True),
        ("it answers with status 401.", True),
        ("Can't connect to ML backend http://127.0.0.1:40145, health check failed.", False),
        ("Can't connect to ML backend http://10.0.0.401:9401/401, health check failed.", False),
        ("HTTPConnectionPool(host='127.0.0.1', port=401): Max retries exceeded", False),
        ("Error 401: Unauthorized", True),
        ("500 Server Error for url: http://team-401.example.org:401/setup", False),
        ("", False),
    ],
)
def test_a_status_is_no_part_of_an_address(detail: str, refused: bool):
    assert refuses_login(detail) is refused


@pytest.mark.label_studio
def test_an_event_that_never_arrives_is_an_error(
    label_studio: EmbeddedStudio, project: int, stand_in: Start
):
    backend = stand_in(secret="another secret")
    with pytest.raises(GoldleafError, match="did not arrive"):
        connect_backend(
            label_studio.studio,
            project,
            backend.url,
            webhook_secret="the wrong one",
            delivered=lambda: bool(backend.events),
            wait=0.5,
        )
    assert backend.refused == ["PROJECT_UPDATED"]


@pytest.mark.label_studio
def test_an_unknown_project(label_studio: EmbeddedStudio):
    with pytest.raises(UsageError):
        connect_backend(label_studio.studio, 999999, "http://127.0.0.1:1")


@pytest.mark.label_studio
@pytest.mark.parametrize("user", ["", USER])
def test_a_new_version_is_asked_for_from_now_on(
    label_studio: EmbeddedStudio, project: int, stand_in: Start, user: str
):
    studio = label_studio.studio
    password = PASSWORD if user else ""
    ours = stand_in(user=user, password=password)
    other = stand_in()
    for backend in (other, ours):
        name, word = (user, password) if backend is ours else ("", "")
        connect_backend(studio, project, backend.url, user=name, password=word)
    ours.version = "stand-in-2"
    assert linked_versions(studio, project) == {"stand-in-1", "stand-in-2"}
    assert follow_version(studio, project, "stand-in-2") == 1
    titles = {row["url"]: row["title"] for row in backend_rows(studio, project)}
    assert titles == {ours.url: "stand-in-2", other.url: "stand-in-1"}
    assert get_project(studio, project)["model_version"] == "stand-in-2"
    (row,) = backend_rows(studio, project, ours.url)
    assert row["state"] == "CO", "its login still works"
    assert follow_version(studio, project, "nobody's") == 0
    assert get_project(studio, project)["model_version"] == "stand-in-2"
