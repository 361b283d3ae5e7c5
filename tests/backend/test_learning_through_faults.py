"""Learning rounds through a fault proxy before the real Label Studio: no draft lost or doubled.

A tenth of GOLDLEAF_FAULTS is injected here at least (`make faults`: fifty).
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from fault_proxy import FaultProxy, until_done

from goldleaf.backend.learning import rounds
from goldleaf.backend.learning.child import Fitting
from goldleaf.backend.learning.store import ModelStore
from goldleaf.backend.predictors.catalogue import open_predictor
from goldleaf.label_configs.regions import to_regions
from goldleaf.studio import client, predictions
from goldleaf.studio.annotations import stream_tasks
from goldleaf.studio.answers import submit_answer
from goldleaf.studio.client import Studio
from goldleaf.studio.embedded import EmbeddedStudio
from goldleaf.studio.projects import create_project, get_project
from goldleaf.studio.tasks import import_tasks

from .refusal_tasks import KIND, answer, tasks

pytestmark = pytest.mark.label_studio
FAULTS = max(3, int(os.environ.get("GOLDLEAF_FAULTS", "0")) // 10)
COUNT, ANSWERED = 90, 60


@pytest.fixture(autouse=True)
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Short pauses, and chunks so small that drafts are many requests."""
    for module in (client, predictions):
        monkeypatch.setattr(module, "_PAUSES", (0.01, 0.02, 0.02))
    monkeypatch.setattr(predictions, "CHUNK", 3)


@pytest.fixture
def refusals(label_studio: EmbeddedStudio) -> Iterator[tuple[int, list[int]]]:
    """A project of refusal tasks, of which the first sixty are answered, and its tasks."""
    studio = label_studio.studio
    made = create_project(studio, KIND)
    done = import_tasks(studio, made, tasks(COUNT))
    ids = [task for task in done.task_ids if task]
    for place in range(ANSWERED):
        give_answer(studio, ids, place)
    yield made, ids
    studio.delete(f"/api/projects/{made}/")


def give_answer(studio: Studio, ids: list[int], place: int) -> None:
    (data,) = tasks(1, start=place)
    submit_answer(studio, ids[place], to_regions(KIND.codec.write(answer(data)), KIND.screen))


def test_learning_rounds_through_faults(
    label_studio: EmbeddedStudio,
    refusals: tuple[int, list[int]],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
):
    (project, ids), studio = refusals, label_studio.studio
    store = ModelStore(tmp_path / "models")

    def one_round(through: Studio) -> rounds.Round:
        done = rounds.one_round(
            through,
            get_project(through, project),
            store,
            open_predictor("auto", store.folder),
            Fitting,
        )
        assert done is not None
        return done

    answered, began = ANSWERED, time.monotonic()
    with (
        FaultProxy(label_studio.url, seed=3, rate=0.3) as proxy,
        Studio(proxy.url, label_studio.token) as spoiled,
    ):
        while proxy.faults.total() < FAULTS:
            done = until_done(lambda: one_round(spoiled))
            assert done.examples == answered
            again = one_round(studio)
            assert again.version == done.version
            assert (again.learned, again.drafted) == (False, 0), "nothing was left undone"
            current = [
                [p for p in task["predictions"] if p["model_version"].endswith(done.version)]
                for task in stream_tasks(studio, project)
            ]
            assert not any(current[:answered]), "answered tasks get no new drafts"
            assert all(len(each) <= 1 for each in current), "no draft is there twice"
            assert sum(map(len, current)) >= (COUNT - answered) // 2
            give_answer(studio, ids, answered)
            answered += 1
        faults, requests = proxy.faults.total(), proxy.requests
    text = f"{faults} faults in {requests} requests, {answered - ANSWERED} learning rounds"
    with capsys.disabled():
        print(f"\n{text}, {time.monotonic() - began:.0f} s")  # noqa: T201
