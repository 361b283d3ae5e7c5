"""What `doctor` finds: on a Label Studio as we run it, and on one started without our settings."""

from __future__ import annotations

import socket
from collections.abc import Callable

import pytest
from answer_strategies import sample_records
from stand_in_backend import StandInBackend

from goldleaf.core.data_dir import DataDir
from goldleaf.core.errors import GoldleafError
from goldleaf.label_configs.registry import kind_named
from goldleaf.studio import client
from goldleaf.studio.backend_link import backend_rows, connect_backend, webhook_url, webhooks
from goldleaf.studio.client import RequestRejected, Studio
from goldleaf.studio.doctor_checks import Check, run_checks
from goldleaf.studio.embedded_label_studio import EmbeddedStudio
from goldleaf.studio.embedded_settings import settings
from goldleaf.studio.projects import create_project
from goldleaf.studio.task_import import import_tasks

Start = Callable[..., StandInBackend]


def failed(checks: list[Check]) -> dict[str, Check]:
    return {check.name: check for check in checks if not check.ok}


class WithoutOurSettings(EmbeddedStudio):
    """The half-fix that people try first, and otherwise Label Studio's own defaults."""

    def environment(self) -> dict[str, str]:
        given = super().environment()
        for name in settings():
            if not any(word in name for word in ("SENTRY", "ANALYTICS", "VERSION", "PYTHON")):
                del given[name]
        return given | {"ML_BLOCK_LOCAL_IP": "false"}


@pytest.mark.label_studio
def test_all_is_well(label_studio: EmbeddedStudio, project: int, stand_in: Start):
    backend = stand_in()
    connect_backend(label_studio.studio, project, backend.url)
    before = webhooks(label_studio.studio, project)
    members = label_studio.studio.accounts()
    checks = run_checks(label_studio.studio, project, backend.url)
    assert failed(checks) == {}
    assert len({check.name for check in checks}) == len(checks) == 22
    assert webhooks(label_studio.studio, project) == before, "the probe is gone"
    assert label_studio.studio.accounts() == members, "the sign-up probe makes no account"


@pytest.mark.label_studio
def test_what_is_wrong_with_a_projects_backends(
    label_studio: EmbeddedStudio, project: int, stand_in: Start
):
    studio, twice, deaf, gone = label_studio.studio, stand_in(), stand_in(), stand_in()
    for backend in (twice, twice, deaf, gone):
        body = {"url": backend.url, "project": project, "title": "by hand"}
        studio.post("/api/ml", body)
    (hook,) = webhooks(studio, project, webhook_url(deaf.url))
    studio.delete(f"/api/webhooks/{hook['id']}/")
    gone.close()
    stale = "http://127.0.0.1:9/webhook"
    studio.post("/api/webhooks/", {"url": stale, "project": project})
    wrong = failed(run_checks(studio, project, "http://127.0.0.1:9"))
    several = wrong.pop("several backends").found
    assert all(each.url in several for each in (twice, deaf, gone))
    assert {name: check.found for name, check in wrong.items()} == {
        "doubled backends": twice.url,
        "backends that do not answer": gone.url,
        "backends without webhook": deaf.url,
        "webhooks without backend": stale,
        "backend": "http://127.0.0.1:9 is not connected to this project",
    }
    assert all(check.fix for check in wrong.values())


@pytest.mark.label_studio
def test_tasks_that_got_in_past_our_import_are_named(label_studio: EmbeddedStudio, project: int):
    studio = label_studio.studio
    kind = kind_named("preference")
    good = kind.codec.to_task(sample_records(kind)[0])
    assert import_tasks(studio, project, [good]).created == 1
    assert "tasks" not in failed(run_checks(studio, project))
    strange = dict.fromkeys(good, "x")
    changed = {**kind.codec.to_task(sample_records(kind)[1]), "shown_prompt": "Another."}
    studio.post(f"/api/projects/{project}/import", [strange, changed])
    found = failed(run_checks(studio, project))["tasks"]
    assert found.found.startswith("2 do not fit: ") and found.found.count("bad_task") == 2
    assert "goldleaf import" in found.fix


@pytest.mark.label_studio
def test_a_project_that_is_not_ours_or_not_there(label_studio: EmbeddedStudio):
    studio = label_studio.studio
    config = '<View><Text name="t" value="$x"/><Rating name="r" toName="t"/></View>'
    made = studio.post("/api/projects", {"title": "foreign", "label_config": config})["id"]
    wrong = failed(run_checks(studio, made))
    assert (
        "belongs to no kind" in wrong["project"].found
        and "none is linked" in wrong["backend"].found
    )
    studio.delete(f"/api/projects/{made}/")
    assert list(failed(run_checks(studio, made))) == ["project"]


@pytest.mark.label_studio
def test_a_wrong_token(label_studio: EmbeddedStudio):
    with Studio(label_studio.url, "0123456789abcdef0123456789abcdef01234567") as studio:
        wrong = failed(run_checks(studio, 1))
    assert "token" in wrong and "reachable" not in wrong


def test_nobody_there(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(client, "_PAUSES", ())
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with Studio(f"http://127.0.0.1:{port}", "0" * 40) as studio:
        (only,) = run_checks(studio)
    assert not only.ok and "cannot be reached" in only.found


@pytest.mark.label_studio
def test_a_label_studio_without_our_settings(state: DataDir, stand_in: Start):
    backend = stand_in()
    with WithoutOurSettings(state) as running:
        studio = running.studio
        project = create_project(studio, kind_named("preference"))
        members = studio.accounts()
        wrong = failed(run_checks(studio, project))
        assert sorted(wrong) == ["backend", "network rules", "page rules", "sign-up"]
        assert studio.accounts() == members, "an open sign-up is found without using it"
        advice = wrong["network rules"].fix
        assert "USE_DEFAULT_BANNED_SUBNETS=false" in advice
        assert "127.0.0.0/8" not in advice and "169.254.0.0/16" in advice

        # Label Studio's own half-connection: it refuses, and keeps the row without a webhook.
        with pytest.raises(RequestRejected, match="reserved network address"):
            studio.post("/api/ml", {"url": backend.url, "project": project, "title": "x"})
        assert len(backend_rows(studio, project)) == 1
        assert failed(run_checks(studio, project))["backends without webhook"].found == backend.url

        with pytest.raises(GoldleafError, match=r"may not call addresses in 127\.0\.0\.0/8") as no:
            connect_backend(studio, project, backend.url)
        assert "USER_ADDITIONAL_BANNED_SUBNETS=" in no.value.fix
        assert backend_rows(studio, project) == webhooks(studio, project) == []
