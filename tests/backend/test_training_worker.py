"""Where Label Studio cannot be had, or another worker is busy, it waits; nothing is lost."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from goldleaf.backend.server import RunningBackend
from goldleaf.backend.training.retraining_schedule import RetrainingSchedule
from goldleaf.core.errors import GoldleafError
from goldleaf.core.file_lock import locked
from goldleaf.studio.client import Studio

PACE = RetrainingSchedule(quiet=0.0, fresh=1, longest=0.0, retry=0.05, look=600)
EVENT: dict[str, Any] = {
    "action": "ANNOTATION_CREATED",
    "annotation": {"id": 1, "updated_at": "2026-01-01"},
    "project": {"id": 1},
}


def until(true: Callable[[], Any]) -> None:
    end = time.monotonic() + 60
    while not true():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.01)


def nobody() -> Studio:
    """A Label Studio at an address where nobody listens."""
    return Studio("http://127.0.0.1:9", "a" * 40, timeout=0.1)


def unready() -> Studio:
    raise GoldleafError("It is not running yet.")


def broken() -> Studio:
    raise RuntimeError("token=canary0123456789")


@pytest.mark.parametrize(
    ("studio", "problem"),
    [
        (nobody, "Label Studio cannot be reached"),
        (unready, "It is not running yet"),
        (broken, "RuntimeError"),
    ],
)
def test_without_label_studio_events_wait(
    tmp_path: Path,
    studio: Callable[[], Studio],
    problem: str,
    caplog: pytest.LogCaptureFixture,
):
    before = threading.active_count()
    events = tmp_path / "events.sqlite"
    with RunningBackend(events, predictor="auto", studio=studio, schedule=PACE) as backend:
        assert httpx.post(backend.url + "/webhook", json=EVENT).status_code == 202
        until(lambda: backend.backend.learning()["state"] == "retrying")
        health = httpx.get(backend.url + "/health").json()
        assert health["status"] == "UP", "drafts and webhooks go on"
        assert health["learning"]["problem"].startswith(problem)
        assert "canary" not in httpx.get(backend.url + "/health").text + caplog.text
        assert backend.backend.events.pending == 1
        began = time.monotonic()
    assert time.monotonic() - began < 8
    until(lambda: threading.active_count() <= before)  # those of earlier tests may end as well
    with RunningBackend(events) as later:
        assert later.backend.events.pending == 1, "the next one takes it up"


def test_two_never_learn_at_once(tmp_path: Path):
    models = tmp_path / "models"
    with (
        locked(models / "worker.lock"),
        RunningBackend(
            tmp_path / "events.sqlite",
            predictor="auto",
            studio=broken,
            schedule=PACE,
            models=models,
        ) as backend,
    ):
        until(lambda: backend.backend.learning()["state"] == "retrying")
        assert backend.backend.learning()["problem"].startswith("Another goldleaf")


def test_without_a_studio_nobody_learns(tmp_path: Path):
    with RunningBackend(tmp_path / "events.sqlite", predictor="auto") as backend:
        httpx.post(backend.url + "/webhook", json=EVENT)
        assert httpx.get(backend.url + "/health").json()["learning"] == {"state": "off"}
        assert backend.backend.events.pending == 1
