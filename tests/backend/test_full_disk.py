"""The data directory's disk is really full: drafts go on, no event is taken that is not kept."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from refusal_tasks import KIND, annotated, tasks

from goldleaf.backend.server import RunningBackend
from goldleaf.backend.training.fit_model import fit
from goldleaf.backend.training.model_file import to_bytes
from goldleaf.backend.training.model_store import ModelStore
from goldleaf.backend.training.training_examples import examples, learnable
from goldleaf.core.errors import GoldleafError

PROJECT = "1.1795363614"


@contextmanager
def filled(disk: Path) -> Iterator[None]:
    """Leave no byte free on a disk."""
    filler = disk / "filler"
    with filler.open("wb", buffering=0) as file:
        size = 4096
        while size:
            try:
                file.write(bytes(size))
            except OSError:
                size //= 2
    assert os.statvfs(disk).f_bavail == 0
    yield
    filler.unlink()


def test_drafts_go_on_and_nothing_is_half_stored(small_disk: Path):
    controls = learnable(KIND, KIND.screen)
    old, new = (
        to_bytes(fit(list(examples(annotated(count), controls, KIND.screen)), controls, KIND.id))
        for count in (30, 40)
    )
    models = ModelStore(small_disk / "models")
    version = models.publish(PROJECT, *old)
    before = {file.name: file.read_bytes() for file in (small_disk / "models" / PROJECT).iterdir()}
    numbers = iter(range(1, 10_000))

    def event(client: httpx.Client) -> int:
        body = {
            "action": "ANNOTATION_CREATED",
            "annotation": {"id": next(numbers), "updated_at": "x" * 60},
            "project": {"id": 1},
        }
        return client.post("/webhook", json=body).status_code

    asked = {
        "tasks": [{"id": 1, "data": tasks(1, start=500)[0]}],
        "project": PROJECT,
        "label_config": KIND.config(),
    }
    running = RunningBackend(small_disk / "events.sqlite", predictor="auto")
    with running, httpx.Client(base_url=running.url, timeout=30) as client:
        drafted = client.post("/predict", json=asked).json()
        kept = [event(client) for _ in range(3)].count(202)
        with filled(small_disk):
            statuses = [event(client) for _ in range(200)]
            assert set(statuses) <= {202, 507} and statuses[-1] == 507, "507 is not acknowledged"
            kept += statuses.count(202)
            health = client.get("/health").json()
            assert (health["status"], health["events_pending"]) == ("degraded", kept)
            assert client.post("/predict", json=asked).json() == drafted
            with pytest.raises(GoldleafError, match="The disk is full") as told:
                models.publish(PROJECT, *new)
            assert "free some space" in told.value.fix
            place = small_disk / "models" / PROJECT
            assert {file.name: file.read_bytes() for file in place.iterdir()} == before
            current = ModelStore(models.folder).current(PROJECT)
            assert current and current[0] == version
        assert event(client) == 202
        health = client.get("/health").json()
        assert (health["status"], health["events_pending"]) == ("UP", kept + 1)
    assert models.publish(PROJECT, *new) != version
