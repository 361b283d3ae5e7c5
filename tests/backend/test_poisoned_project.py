"""One task that Label Studio takes and cannot give: it costs itself, and nothing else."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from refusal_tasks import KIND, answered, tasks

from goldleaf.backend.credentials import Credentials
from goldleaf.backend.server import RunningBackend
from goldleaf.backend.training import training_worker
from goldleaf.backend.training.model_store import ModelStore
from goldleaf.backend.training.retraining_schedule import RetrainingSchedule
from goldleaf.backend.training.training_run import TrainingRun
from goldleaf.core.errors import GoldleafError
from goldleaf.studio import task_pagination
from goldleaf.studio.annotation_stream import stream_tasks
from goldleaf.studio.client import ServerFault, Studio
from goldleaf.studio.embedded_label_studio import EmbeddedStudio
from goldleaf.studio.projects import create_project, get_project, project_key
from goldleaf.studio.task_pagination import UnreadableTask

from .conftest import LOGIN, WEBHOOK_SECRET

pytestmark = pytest.mark.label_studio
ANSWERED = 60
POISON = "@@lone surrogate@@"


@pytest.fixture(autouse=True)
def _short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ask for a page as often as ever, at once: eight pages fail on the way to the one task."""
    for name in ("_ONCE_MORE", "_TO_BE_SURE"):
        monkeypatch.setattr(task_pagination, name, (0.05,) * len(getattr(task_pagination, name)))


def until(true: Callable[[], Any], seconds: float = 120) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.1)


@contextmanager
def asked_to_learn(
    label_studio: EmbeddedStudio, folder: Path, projects: Iterable[int], *, retry: float
) -> Generator[RunningBackend]:
    """Run a backend whose projects are each asked to train, as with the button for it."""
    with RunningBackend(
        folder / "events.sqlite",
        predictor="auto",
        credentials=Credentials(*LOGIN, WEBHOOK_SECRET),
        studio=lambda: Studio(label_studio.url, label_studio.token),
        schedule=RetrainingSchedule(quiet=0.1, retry=retry, look=600),
    ) as backend:
        with httpx.Client(base_url=backend.url, auth=LOGIN) as http:
            for project in projects:
                event = {"action": "START_TRAINING", "project": {"id": project}}
                assert http.post("/webhook", json=event).status_code == 202
        yield backend


@pytest.fixture
def filled(label_studio: EmbeddedStudio) -> Iterator[Callable[..., int]]:
    """Make a project of answered tasks; one in the middle has a lone surrogate, if asked for."""
    made: list[int] = []

    def make(*, poisoned: bool) -> int:
        project = create_project(label_studio.studio, KIND)
        made.append(project)
        unanswered = [{"data": data} for data in tasks(10, start=ANSWERED)]
        rows = [*answered(ANSWERED), *unanswered]
        if poisoned:
            bad = rows[17]
            bad["data"] = {**bad["data"], "prompt": bad["data"]["prompt"] + POISON}
        # As a program would send it that writes what it has: Label Studio answers 201.
        body = json.dumps(rows).replace(POISON, "\\ud800")
        header = label_studio.studio._credential.header()
        with httpx.Client(
            base_url=label_studio.url,
            timeout=100,
            headers={"Authorization": header, "Content-Type": "application/json"},
        ) as http:
            for _ in range(5):
                path = f"/api/projects/{project}/import?return_task_ids=true"
                sent = http.post(path, content=body)
                assert sent.status_code == 201, sent.text
                if sent.json()["annotation_count"] == ANSWERED:
                    return project
                for task in sent.json()["task_ids"]:  # see `import_answered`
                    http.delete(f"/api/tasks/{task}/")
        raise AssertionError("Label Studio loses the answers of every import")

    yield make
    for project in made:
        label_studio.studio.delete(f"/api/projects/{project}/")


def test_the_task_is_named_and_every_other_one_is_given(label_studio: EmbeddedStudio, filled):
    studio, project = label_studio.studio, filled(poisoned=True)
    with pytest.raises(ServerFault):
        query = {"project": project, "fields": "all", "page_size": 100}
        studio.get("/api/tasks", query, pauses=())
    lost: list[UnreadableTask] = []
    given = [task["id"] for task in stream_tasks(studio, project, unreadable=lost.append)]
    assert len(given) == ANSWERED + 9
    assert given == sorted(set(given))
    assert [(task.answers, task.project) for task in lost] == [(1, project)]
    assert lost[0].id not in given
    with pytest.raises(GoldleafError, match=f"cannot give task {lost[0].id}"):
        list(stream_tasks(studio, project))


def test_export_and_prelabel_give_the_rest_and_name_it(
    label_studio: EmbeddedStudio, filled, tmp_path: Path
):
    project = filled(poisoned=True)
    lost: list[UnreadableTask] = []
    list(stream_tasks(label_studio.studio, project, unreadable=lost.append))

    def run(*arguments: str) -> dict[str, Any]:
        done = subprocess.run(
            [Path(sys.executable).with_name("goldleaf"), *arguments, "--json"],
            env={
                "PATH": "/usr/bin:/bin",
                "GOLDLEAF_URL": label_studio.url,
                "GOLDLEAF_TOKEN": label_studio.token,
                "GOLDLEAF_DATA_DIR": str(tmp_path / "state"),
            },
            capture_output=True,
            text=True,
            timeout=200,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        assert f"task {lost[0].id} of project {project} cannot be read" in done.stderr
        return json.loads(done.stdout)

    drafted = run("prelabel", str(project))
    assert drafted["unreadable"] == 1
    assert drafted["tasks"] == ANSWERED + 10
    out = run("export", f"project:{project}", "--out", str(tmp_path / "out"))
    assert out["answers"]["read"] == ANSWERED
    assert out["reasons"]["rejected"]["unreadable_task"] == 1


@pytest.mark.timeout(900)
def test_one_of_four_is_poisoned_and_all_learn(
    label_studio: EmbeddedStudio, filled, tmp_path: Path, caplog: pytest.LogCaptureFixture
):
    studio = label_studio.studio
    projects = [filled(poisoned=place == 1) for place in range(4)]
    with asked_to_learn(label_studio, tmp_path, projects, retry=0.5) as backend:
        until(lambda: not backend.backend.events.pending, 240)
        store = ModelStore(tmp_path / "models")
        learned = {p: store.current(project_key(get_project(studio, p))) for p in projects}
    assert [p for p, model in learned.items() if not model] == []
    counts = [model[1].count for model in learned.values() if model]
    assert sorted(counts) == [ANSWERED - 1] + [ANSWERED] * 3
    assert caplog.text.count("cannot be read") == 1


def test_a_project_that_fails_waits_alone(
    label_studio: EmbeddedStudio, filled, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """Whatever fails in a round (here: made to) is that project's own affair, until it works."""
    bad, good = filled(poisoned=False), filled(poisoned=False)
    served: list[int] = []

    def failing(studio: Studio, project: Any, *given: Any, **named: Any) -> TrainingRun:
        served.append(project["id"])
        if project["id"] == bad and served.count(bad) < 3:
            raise GoldleafError("This project is broken.")
        return TrainingRun(0, "", learned=False, drafted=0)

    monkeypatch.setattr(training_worker, "run_training", failing)
    with asked_to_learn(label_studio, tmp_path, (bad, good), retry=1.0) as backend:
        until(lambda: good in served)
        until(lambda: f"project {bad}: This project" in backend.backend.learning()["problem"])
        until(lambda: not backend.backend.events.pending)
        assert served.count(bad) == 3
        until(lambda: backend.backend.learning()["problem"] == "")
