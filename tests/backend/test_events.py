"""A hint is stored once, quickly, and survives whatever happens next."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from goldleaf.backend.event_store import EventStore, StoreBusy, StoreFull
from goldleaf.backend.protocol import HINT_ACTIONS, Hint
from goldleaf.backend.server import RunningBackend
from goldleaf.core.errors import GoldleafError


@pytest.fixture
def store(tmp_path: Path) -> Iterator[EventStore]:
    opened = EventStore(tmp_path / "events.sqlite")
    yield opened
    opened.close()


HINTS = st.builds(
    Hint,
    action=st.sampled_from(sorted(HINT_ACTIONS)),
    annotation=st.none() | st.integers(1, 3),
    updated_at=st.sampled_from(["", "2026-01-01", "2026-01-02"]),
    project=st.none() | st.integers(1, 2),
)


def once(hint: Hint) -> tuple[object, ...]:
    """What makes two hints the same."""
    if hint.annotation is None:
        return (hint.action, hint.project)
    return (hint.action, hint.annotation, hint.updated_at)


@given(st.lists(st.lists(HINTS, max_size=4), max_size=8))
def test_every_state_is_stored_once_however_often_it_arrives(
    tmp_path_factory: pytest.TempPathFactory, deliveries: list[list[Hint]]
):
    store = EventStore(tmp_path_factory.mktemp("law") / "events.sqlite")
    try:
        stored = sum(store.add(hints) for hints in deliveries)
        kept = [event.hint for event in store.waiting()]
        keys = [once(hint) for hint in kept]
        assert stored == len(kept) == store.pending
        assert len(set(keys)) == len(keys)
        assert set(keys) == {once(hint) for hints in deliveries for hint in hints}
    finally:
        store.close()


def test_finished_events_stay_known_but_training_may_be_asked_for_again(store: EventStore):
    state, training = Hint("ANNOTATION_CREATED", 1, "now", 1), Hint("START_TRAINING", project=1)
    assert store.add([state, training]) == 2
    assert store.add([state, training]) == 0
    store.finish(store.waiting())
    assert (store.pending, store.waiting()) == (0, [])
    assert store.add([state]) == 0, "its effect has been had"
    assert store.add([training]) == 1, "someone pressed the button again"


def test_events_wait_through_a_restart(tmp_path: Path):
    path = tmp_path / "deep" / "events.sqlite"
    first = EventStore(path)
    first.add([Hint("ANNOTATION_CREATED", number, "now", 1) for number in range(1, 6)])
    first.finish(first.waiting(2))
    first.close()
    second = EventStore(path)
    assert second.pending == 3
    assert [event.hint.annotation for event in second.waiting()] == [3, 4, 5]
    second.close()


def test_many_threads_store_each_event_once(store: EventStore):
    hints = [Hint("ANNOTATION_UPDATED", number, "now", 1) for number in range(1, 101)]
    stored: list[int] = []

    def deliver() -> None:
        for hint in hints:
            stored.append(store.add([hint]))

    threads = [threading.Thread(target=deliver) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(stored) == store.pending == 100


def test_a_full_store_says_so_and_recovers(tmp_path: Path):
    store = EventStore(tmp_path / "events.sqlite", max_bytes=64 * 1024)
    with pytest.raises(StoreFull):
        for number in range(1, 10_000):
            store.add([Hint("ANNOTATION_CREATED", number, "x" * 64, 1)])
    assert not store.writable
    before = store.pending
    assert len(store.waiting(10_000)) == before, "a refused event left nothing behind"
    store._db.execute("DELETE FROM event WHERE id > 10")
    store._db.commit()
    assert store.add([Hint("ANNOTATION_CREATED", 1_000_000, "now", 1)]) == 1
    assert store.writable
    store.close()


def test_a_store_locked_by_another_program_is_busy(tmp_path: Path):
    path = tmp_path / "events.sqlite"
    store = EventStore(path)
    other = sqlite3.connect(path)
    other.execute("BEGIN IMMEDIATE")
    began = time.monotonic()
    with pytest.raises(StoreBusy):
        store.add([Hint("START_TRAINING")])
    (waits,) = store._db.execute("PRAGMA busy_timeout").fetchone()
    assert waits <= 500, "Label Studio waits one second"
    assert time.monotonic() - began < 5, "it was tried once"
    other.rollback()
    other.close()
    assert store.add([Hint("START_TRAINING")]) == 1
    store.close()


def test_a_file_that_is_no_store_is_named(tmp_path: Path):
    path = tmp_path / "events.sqlite"
    path.write_text("not a database, but long enough to be read as one" * 100, encoding="utf-8")
    with pytest.raises(GoldleafError, match=r"events\.sqlite"):
        EventStore(path)


def test_the_same_event_twice_has_no_second_effect(own: RunningBackend):
    event = {
        "action": "ANNOTATION_UPDATED",
        "annotation": {"id": 9, "updated_at": "t"},
        "project": {"id": 1},
    }
    with httpx.Client(base_url=own.url) as client:
        answers = [client.post("/webhook", json=event) for _ in range(3)]
        assert [answer.status_code for answer in answers] == [202, 202, 202]
        assert [answer.json()["stored"] for answer in answers] == [1, 0, 0]
        assert client.get("/health").json()["events_pending"] == 1
    assert own.seen("ANNOTATION_UPDATED") == 3


def test_a_webhook_is_answered_at_once_even_while_drafts_are_made(own: RunningBackend, config: str):
    text = "I walked along the river and thought about bread. " * 200
    tasks = [
        {"id": n, "data": {"prompt": "x", "answer_a": text, "answer_b": "y"}} for n in range(400)
    ]
    body = {"tasks": tasks, "project": "1", "label_config": config}
    results: list[int] = []

    whole: list[float] = []

    def draft() -> None:
        began = time.monotonic()
        results.append(httpx.post(own.url + "/predict", json=body, timeout=60).status_code)
        whole.append(time.monotonic() - began)

    drafting = threading.Thread(target=draft)
    drafting.start()
    took: list[float] = []
    with httpx.Client(base_url=own.url) as client:
        for number in range(1, 21):
            event = {
                "action": "ANNOTATION_CREATED",
                "annotation": {"id": number, "updated_at": "t"},
                "project": {"id": 1},
            }
            began = time.monotonic()
            assert client.post("/webhook", json=event).status_code == 202
            assert client.get("/health").status_code == 200
            took.append(time.monotonic() - began)
    drafting.join()
    assert results == [200]
    assert sorted(took)[10] < 1, "Label Studio would have given up"
    # Who waits for the drafts waits for all of them; a busy machine makes both slower.
    assert max(took) < max(1.0, whole[0] / 2)


def test_a_mass_deletion_becomes_one_hint_to_look_again(own_client: httpx.Client):
    event = {
        "action": "ANNOTATIONS_DELETED",
        "annotations": [{"id": n} for n in range(1, 6001)],
        "project": {"id": 1},
    }
    answer = own_client.post("/webhook", json=event)
    assert (answer.status_code, answer.json()) == (202, {"stored": 1})


def test_when_events_cannot_be_stored_drafts_still_are_made(
    own: RunningBackend, own_client: httpx.Client, config: str
):
    """The store is really full: SQLite itself refuses the next page."""
    events = own.backend.events
    (pages,) = events._db.execute("PRAGMA page_count").fetchone()
    events._db.execute(f"PRAGMA max_page_count = {pages}")
    statuses: list[int] = []
    for number in range(1, 400):
        event = {
            "action": "ANNOTATION_CREATED",
            "annotation": {"id": number, "updated_at": "x" * 60},
            "project": {"id": 1},
        }
        statuses.append(own_client.post("/webhook", json=event).status_code)
    assert set(statuses) == {202, 507}
    assert own_client.get("/health").json()["status"] == "degraded"
    body = {"tasks": [{"data": {}}], "project": "1", "label_config": config}
    assert own_client.post("/predict", json=body).status_code == 200
    events._db.execute("PRAGMA max_page_count = 100000")
    assert own_client.post("/webhook", json={"action": "START_TRAINING"}).status_code == 202
    assert own_client.get("/health").json()["status"] == "UP"


WRITER = """
import sys
from pathlib import Path
from goldleaf.backend.event_store import EventStore
from goldleaf.backend.protocol import Hint
store = EventStore(Path(sys.argv[1]))
number = int(sys.argv[2])
while True:
    number += 1
    store.add([Hint("ANNOTATION_CREATED", number, "now", 1)])
    print(number, flush=True)
"""


def test_killed_at_any_moment_no_acknowledged_event_is_lost(tmp_path: Path):
    path = tmp_path / "events.sqlite"
    acknowledged: list[int] = []
    for round_number in range(5):
        start = str(round_number * 1_000_000)
        writer = subprocess.Popen(
            [sys.executable, "-c", WRITER, str(path), start], stdout=subprocess.PIPE, text=True
        )
        assert writer.stdout
        for _ in range(3 + 7 * round_number):
            acknowledged.append(int(writer.stdout.readline()))
        os.kill(writer.pid, signal.SIGKILL)
        acknowledged += [int(line) for line in writer.stdout.read().splitlines() if line]
        writer.stdout.close()
        assert writer.wait() == -signal.SIGKILL
    store = EventStore(path)
    kept = {event.hint.annotation for event in store.waiting(100_000)}
    assert store._db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert set(acknowledged) <= kept
    assert len(kept) <= len(acknowledged) + 5, "at most the one in flight per kill"
    store.close()
