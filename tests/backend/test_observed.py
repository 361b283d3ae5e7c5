"""What an operator sees of a real `goldleaf serve`: its log, its metrics, its events."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from goldleaf.backend import event_store as events
from goldleaf.backend.event_store import EventStore
from goldleaf.backend.protocol import Hint
from goldleaf.studio.embedded_label_studio import EmbeddedStudio

from .serving import serving

SECRET = "words that nobody else writes"


def sent(number: int) -> dict[str, object]:
    return {
        "action": "ANNOTATION_CREATED",
        "annotation": {"id": number, "updated_at": "now"},
        "project": {"id": 7},
    }


def test_log_and_metrics_tell_what_was_done(tmp_path: Path, config: str):
    log = tmp_path / "log"
    task = {"id": 1, "data": {"prompt": SECRET, "answer_a": SECRET, "answer_b": SECRET}}
    with serving(tmp_path / "state", log) as client:
        body = {"tasks": [task], "project": "7.1", "label_config": config}
        assert client.post("/predict", json=body).status_code == 200
        assert client.post("/webhook", json=sent(1)).status_code == 202
        assert client.get(f"/{SECRET}").status_code == 404
        metrics = client.get("/metrics").text
    lines = log.read_text("utf-8")
    assert re.search(r"INFO [0-9a-f]{16}: 1 of 1 tasks drafted", lines)
    assert re.search(r"INFO [0-9a-f]{16} POST /predict 200 \d+\.\d ms", lines)
    assert re.search(r"INFO [0-9a-f]{16} POST /webhook 202 \d+\.\d ms", lines)
    assert re.search(r"INFO [0-9a-f]{16} GET unknown 404 ", lines)
    assert SECRET not in lines
    assert "# TYPE goldleaf_request_seconds histogram" in metrics
    assert 'goldleaf_request_seconds_bucket{route="/predict",le="+Inf"} 1' in metrics
    assert 'goldleaf_request_seconds_count{route="/webhook"} 1' in metrics
    assert "goldleaf_events_pending 1" in metrics


def test_every_process_knows_how_many_events_wait(tmp_path: Path):
    with serving(tmp_path / "state", tmp_path / "log") as client:
        client.post("/webhook", json=sent(1)).raise_for_status()
        other = EventStore(tmp_path / "state" / "events.sqlite")
        try:
            other.add([Hint("ANNOTATION_CREATED", number, "now", 7) for number in range(2, 5)])
            assert other.pending == client.get("/health").json()["events_pending"] == 4
            other.finish(other.waiting())
            assert other.pending == client.get("/health").json()["events_pending"] == 0
            assert "goldleaf_events_pending 0" in client.get("/metrics").text
        finally:
            other.close()


def test_events_go_once_they_are_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(events, "KEPT", 50)
    store = EventStore(tmp_path / "events.sqlite")
    try:
        for start in range(1, 1001, 100):
            store.add(Hint("ANNOTATION_CREATED", n, "now", 7) for n in range(start, start + 100))
            store.finish(store.waiting())
            store.add([Hint("ANNOTATION_CREATED", 10_000 + start, "now", 7)])
        (rows,) = store._db.execute("SELECT count(*) FROM event").fetchone()
        assert rows <= 50 + 110 and store.pending == 1
        assert store.add([Hint("ANNOTATION_CREATED", 1000, "now", 7)]) == 0, "a late repetition"
    finally:
        store.close()


@pytest.mark.label_studio
def test_the_backend_learns_from_the_label_studio_they_name(
    label_studio: EmbeddedStudio, tmp_path: Path
):
    shared = {"LABEL_STUDIO_URL": label_studio.url, "LABEL_STUDIO_API_KEY": label_studio.token}
    with serving(tmp_path / "with", tmp_path / "log", **shared) as client:
        assert client.get("/health").json()["learning"]["state"] != "off"
    assert label_studio.token not in (tmp_path / "log").read_text("utf-8")
    with serving(tmp_path / "without", tmp_path / "other log") as client:
        assert client.get("/health").json()["learning"]["state"] == "off"
    assert "LABEL_STUDIO_URL" not in (tmp_path / "other log").read_text("utf-8")
