"""A learning round through a fault proxy before the real Label Studio: no draft lost or doubled."""

from __future__ import annotations

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


@pytest.fixture(autouse=True)
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Short pauses, and chunks so small that drafts are many requests."""
    for module in (client, predictions):
        monkeypatch.setattr(module, "_PAUSES", (0.01, 0.02, 0.02))
    monkeypatch.setattr(predictions, "CHUNK", 3)


@pytest.fixture
def refusals(label_studio: EmbeddedStudio) -> Iterator[int]:
    """A project of refusal tasks, of which the first sixty are answered."""
    studio = label_studio.studio
    made = create_project(studio, KIND)
    done = import_tasks(studio, made, tasks(80))
    for task, data in zip(done.task_ids[:60], tasks(60), strict=True):
        assert task
        submit_answer(studio, task, to_regions(KIND.codec.write(answer(data)), KIND.screen))
    yield made
    studio.delete(f"/api/projects/{made}/")


def test_a_learning_round_through_faults(
    label_studio: EmbeddedStudio, refusals: int, tmp_path: Path
):
    store = ModelStore(tmp_path / "models")
    with (
        FaultProxy(label_studio.url, seed=3, rate=0.3) as proxy,
        Studio(proxy.url, label_studio.token) as spoiled,
    ):
        for _ in range(2):
            done = until_done(
                lambda: rounds.one_round(
                    spoiled,
                    get_project(spoiled, refusals),
                    store,
                    open_predictor("auto", store.folder),
                    Fitting,
                )
            )
            assert done is not None
            assert done.examples == 60
        assert proxy.faults.total() >= 3
    held = [task["predictions"] for task in stream_tasks(label_studio.studio, refusals)]
    assert all(not each for each in held[:60])
    assert all(len(each) <= 1 for each in held[60:])
    assert sum(map(len, held)) >= 15
