"""Answers that no webhook reports are noticed by a real `goldleaf serve`; useless events go.

One backend and one Label Studio for all tests of this file; GOLDLEAF_PROCESSES=2 has the backend
answer from several processes.
"""

from __future__ import annotations

import os
import re
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from refusal_tasks import KIND, answered, import_answered, tasks

from goldleaf.backend import event_store as events
from goldleaf.backend.training.retraining_schedule import RetrainingSchedule
from goldleaf.core.settings import Settings
from goldleaf.studio.backend_link import connect_backend
from goldleaf.studio.embedded_label_studio import EmbeddedStudio
from goldleaf.studio.projects import create_project, get_project
from goldleaf.studio.task_import import import_tasks

from .conftest import LOGIN, WEBHOOK_SECRET
from .serving import serving

pytestmark = pytest.mark.label_studio
NOBODY = 999_999
"""A project that does not exist."""
_ROUND = (
    r"INFO project {project}: (learned|kept) \S+, (\d+) answers, "
    r"\d+ drafts and \d+ places stored, \d+\.\d s"
)


@dataclass
class Serving:
    """The backend process, and what is around it."""

    client: httpx.Client
    state: Path
    log: Path
    environment: dict[str, str]

    @property
    def learning(self) -> dict[str, Any]:
        return self.client.get("/health").json()["learning"]

    @property
    def pending(self) -> int:
        return self.client.get("/health").json()["events_pending"]

    @property
    def annotation_events(self) -> int:
        seen: dict[str, int] = self.client.get("/health").json()["events_seen"]
        return sum(count for action, count in seen.items() if "ANNOTATION" in action)

    def metric(self, name: str) -> float:
        found = re.search(rf"^{name} (\S+)$", self.client.get("/metrics").text, re.MULTILINE)
        assert found, f"/metrics has no {name}"
        return float(found[1])

    def rounds(self, project: int) -> list[tuple[str, str]]:
        """What the log tells of each round of a project: learned or kept, from how many answers."""
        return re.findall(_ROUND.format(project=project), self.log.read_text("utf-8"))

    def send(self, body: dict[str, Any]) -> None:
        assert self.client.post("/webhook", json=body).status_code == 202


@pytest.fixture(scope="module")
def label_studio(empty_label_studio: EmbeddedStudio) -> EmbeddedStudio:
    return empty_label_studio


@pytest.fixture(scope="module")
def served(
    label_studio: EmbeddedStudio, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Serving]:
    folder = tmp_path_factory.mktemp("serve")
    environment = {
        "GOLDLEAF_URL": label_studio.url,
        "GOLDLEAF_TOKEN": label_studio.token,
        "GOLDLEAF_BACKEND_USER": LOGIN[0],
        "GOLDLEAF_BACKEND_PASSWORD": LOGIN[1],
        "GOLDLEAF_WEBHOOK_SECRET": WEBHOOK_SECRET,
        "GOLDLEAF_POLL_INTERVAL": "1",
    }
    several = ("--processes", os.environ.get("GOLDLEAF_PROCESSES", "1"))
    with serving(folder / "state", folder / "log", *several, **environment) as client:
        yield Serving(client, folder / "state", folder / "log", environment)


@pytest.fixture(scope="module")
def project(label_studio: EmbeddedStudio, served: Serving) -> Iterator[int]:
    """A project of refusals that is linked with the backend."""
    studio = label_studio.studio
    made = create_project(studio, KIND)
    url = str(served.client.base_url)
    user, password = LOGIN
    connect_backend(studio, made, url, user=user, password=password, webhook_secret=WEBHOOK_SECRET)
    import_tasks(studio, made, tasks(10, start=1000))
    yield made
    studio.delete(f"/api/projects/{made}/")


def until(true: Callable[[], Any], seconds: float = 50) -> float:
    """Wait until something is true; return the seconds it took."""
    began = time.monotonic()
    while not true():
        assert time.monotonic() - began < seconds, "it did not happen in time"
        time.sleep(0.1)
    return time.monotonic() - began


def settled(served: Serving) -> dict[str, Any]:
    """Wait until three looks in a row found nothing to do; return what `/health` says then."""
    for _ in range(20):
        until(lambda: served.learning["state"] == "waiting" and not served.pending)
        before = served.learning
        time.sleep(3)
        if served.learning["rounds"] == before["rounds"] > 0:
            return before
    raise AssertionError("it never comes to rest")


def import_answers(studio: Any, project: int, count: int, start: int) -> None:
    """Import answered tasks as Label Studio's own Import button does; no webhook tells of it."""
    import_answered(studio, project, answered(count, start))


def test_all_projects_are_looked_at_every_half_minute():
    assert Settings().poll_interval == RetrainingSchedule().look == 30 < 60


def test_imported_answers_are_noticed(label_studio: EmbeddedStudio, served: Serving, project: int):
    studio = label_studio.studio
    before, events_before = served.learning, served.annotation_events
    import_answers(studio, project, 60, 0)
    until(lambda: "+60-" in (get_project(studio, project)["model_version"] or ""))
    import_answers(studio, project, 5, 60)
    until(lambda: "+65-" in (get_project(studio, project)["model_version"] or ""))
    assert served.annotation_events == events_before, "no event told of them"

    until(lambda: served.learning["state"] == "waiting")
    rounds = served.rounds(project)
    assert [count for done, count in rounds if done == "learned"] == ["60", "65"]
    assert served.metric("goldleaf_training_rounds") == served.learning["rounds"] == len(rounds)
    assert served.metric("goldleaf_training_learned") == before["learned"] + 2
    assert served.metric("goldleaf_training_drafted") >= 1
    assert served.metric("goldleaf_training_seconds") > 0
    assert served.metric("goldleaf_training_failing") == 0
    assert 'goldleaf_request_seconds_count{route="/setup"}' in served.client.get("/metrics").text


def test_what_has_not_changed_is_not_read_again(served: Serving, project: int):
    before = settled(served)  # a look may come after the tasks, or after drafts were stored
    time.sleep(3)  # three looks
    assert served.learning["rounds"] == before["rounds"]


def test_an_event_without_a_project_is_ignored_and_counted(served: Serving, project: int):
    before = settled(served)
    served.send({"action": "ANNOTATION_CREATED"})  # a webhook without payload
    served.send({"action": "START_TRAINING"})
    until(lambda: served.learning["ignored"] == before["ignored"] + 2)
    assert served.metric("goldleaf_training_ignored") == before["ignored"] + 2
    assert served.pending == 0
    time.sleep(2)  # two looks
    assert served.learning["rounds"] == before["rounds"], "nothing was read again"
    assert "2 events name no project" in served.log.read_text("utf-8") or (
        served.log.read_text("utf-8").count("1 events name no project") == 2
    )


def test_a_second_process_knows_how_many_events_wait(served: Serving, project: int, tmp_path: Path):
    with serving(served.state, tmp_path / "log", **served.environment) as second:
        for number in range(3):  # too few to be learned from at once
            note = {"id": 70_000 + number, "updated_at": "now"}
            served.send(
                {"action": "ANNOTATION_UPDATED", "annotation": note, "project": {"id": project}}
            )
        for asked in (second, served.client):
            assert asked.get("/health").json()["events_pending"] == 3
            assert "\ngoldleaf_events_pending 3\n" in asked.get("/metrics").text
        served.send({"action": "START_TRAINING", "project": {"id": project}})
        until(lambda: second.get("/health").json()["events_pending"] == 0)
        assert served.pending == 0


def test_events_are_purged(served: Serving):
    for batch in range(6):
        notes = [{"id": batch * 5_000 + n, "updated_at": "now"} for n in range(1, 5_001)]
        body = {"action": "ANNOTATIONS_CREATED", "annotations": notes, "project": {"id": NOBODY}}
        served.send(body)
    until(lambda: not served.pending)
    with closing(sqlite3.connect(served.state / "events.sqlite")) as store:
        (kept,) = store.execute("SELECT count(*) FROM event").fetchone()
    assert kept <= events.KEPT < 6 * 5_000
