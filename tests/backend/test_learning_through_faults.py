"""Learning rounds through a fault proxy before the real Label Studio: no draft lost or doubled.

A tenth of GOLDLEAF_FAULTS is injected here at least (`make faults`: fifty).
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from fault_proxy import FaultProxy, until_done
from refusal_tasks import KIND, answer, answered, import_answered, tasks

from goldleaf.backend.predictors.predictor_registry import open_predictor
from goldleaf.backend.training import training_run
from goldleaf.backend.training.fit_process import Fitting
from goldleaf.backend.training.model_store import ModelStore
from goldleaf.label_configs.regions import to_regions
from goldleaf.studio import client, held_drafts, prediction_import
from goldleaf.studio.annotation_stream import stream_tasks
from goldleaf.studio.backend_link import connect_backend
from goldleaf.studio.client import Studio
from goldleaf.studio.embedded_label_studio import EmbeddedStudio
from goldleaf.studio.projects import create_project, get_project
from goldleaf.studio.submit import submit_annotation

from .serving import serving

pytestmark = pytest.mark.label_studio
FAULTS = max(3, int(os.environ.get("GOLDLEAF_FAULTS", "0")) // 10)
COUNT, ANSWERED = 90, 60


@pytest.fixture(autouse=True)
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Short pauses, and chunks so small that drafts are many requests."""
    for module in (client, prediction_import):
        monkeypatch.setattr(module, "_PAUSES", (0.01, 0.02, 0.02))
    monkeypatch.setattr(held_drafts, "LARGEST", 3)


@pytest.fixture(scope="module")
def label_studio(empty_label_studio: EmbeddedStudio) -> EmbeddedStudio:
    return empty_label_studio


@pytest.fixture
def refusals(label_studio: EmbeddedStudio) -> Iterator[int]:
    """A project of refusal tasks, of which the first sixty are answered."""
    studio = label_studio.studio
    made = create_project(studio, KIND)
    unanswered = [{"data": data} for data in tasks(COUNT - ANSWERED, start=ANSWERED)]
    import_answered(studio, made, [*answered(ANSWERED), *unanswered])
    yield made
    studio.delete(f"/api/projects/{made}/")


def test_learning_rounds_through_faults(
    label_studio: EmbeddedStudio,
    refusals: int,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
):
    project, studio = refusals, label_studio.studio
    ids = [task["id"] for task in stream_tasks(studio, project)]
    store = ModelStore(tmp_path / "models")

    def one_round(through: Studio) -> training_run.TrainingRun:
        done = training_run.run_training(
            through,
            get_project(through, project),
            store,
            open_predictor("auto", store.folder),
            Fitting,
        )
        assert done is not None
        return done

    count, began = ANSWERED, time.monotonic()
    with (
        FaultProxy(label_studio.url, seed=3, rate=0.3) as proxy,
        Studio(proxy.url, label_studio.token) as spoiled,
    ):
        while proxy.faults.total() < FAULTS:
            done = until_done(lambda: one_round(spoiled))
            assert done.examples == count
            again = one_round(studio)
            assert again.version == done.version
            assert (again.learned, again.drafted) == (False, 0), "nothing was left undone"
            current = [
                [p for p in task["predictions"] if p["model_version"].endswith(done.version)]
                for task in stream_tasks(studio, project)
            ]
            assert not any(current[:count]), "answered tasks get no new drafts"
            assert all(len(each) <= 1 for each in current), "no draft is there twice"
            assert sum(map(len, current)) >= (COUNT - count) // 2
            (data,) = tasks(1, start=count)
            result = to_regions(KIND.to_annotation(answer(data)), KIND.screen)
            submit_annotation(studio, ids[count], result)
            count += 1
        faults, requests = proxy.faults.total(), proxy.requests
    text = f"{faults} faults in {requests} requests, {count - ANSWERED} learning rounds"
    with capsys.disabled():
        print(f"\n{text}, {time.monotonic() - began:.0f} s")  # noqa: T201


@pytest.mark.timeout(900)
def test_a_backend_learns_through_faults(
    label_studio: EmbeddedStudio, refusals: int, tmp_path: Path
):
    """The process that an operator starts, with its own pauses; its log shows no traceback."""
    project, studio, log = refusals, label_studio.studio, tmp_path / "log"

    def learned_from(count: int) -> bool:
        return f"+{count}-" in (get_project(studio, project)["model_version"] or "")

    def until(true: Callable[[], bool]) -> None:
        end = time.monotonic() + 200
        while not true():
            assert time.monotonic() < end, log.read_text("utf-8")
            time.sleep(0.2)

    with FaultProxy(label_studio.url, seed=1, rate=0.3) as proxy:
        environment = {
            "GOLDLEAF_URL": proxy.url,
            "GOLDLEAF_TOKEN": label_studio.token,
            "GOLDLEAF_POLL_INTERVAL": "1",
        }
        with serving(tmp_path / "state", log, **environment) as client:
            connect_backend(studio, project, str(client.base_url))
            until(lambda: learned_from(ANSWERED))
            import_answered(studio, project, answered(5, start=COUNT))
            until(lambda: learned_from(ANSWERED + 5))
            assert proxy.faults.total() >= 3
            proxy.rate = 0.0
            until(lambda: not client.get("/health").json()["learning"]["problem"])
    version = get_project(studio, project)["model_version"]
    drafts = [
        [p for p in task["predictions"] if p["model_version"] == version]
        for task in stream_tasks(studio, project)
        if not task["annotations"]
    ]
    assert all(len(each) <= 1 for each in drafts), "no draft is there twice"
    assert sum(map(len, drafts)) >= 15
    lines = log.read_text("utf-8")
    assert "Traceback" not in lines
    assert " ERROR " not in lines
