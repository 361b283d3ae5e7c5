"""Store of webhook events in SQLite: written once, survives a kill, processed later.

Label Studio sends an event at most once and waits one second; so the webhook only writes a line
here. The same state of the same annotation twice is one line.
"""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Iterable, Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from goldleaf.backend.log import LOG
from goldleaf.backend.protocol import Hint
from goldleaf.core.data_dir import DataDir
from goldleaf.core.errors import GoldleafError
from goldleaf.core.file_lock import locked

MAX_BYTES = 1024**3
"""Room for about ten million hints: a flood of requests stops here, not at the end of the disk."""

KEPT = 10_000
"""Events kept after they were worked off, the newest: a late repetition of one has no effect."""

_SCHEMA = """
CREATE TABLE IF NOT EXISTS event (
    id INTEGER PRIMARY KEY,
    action TEXT NOT NULL,
    annotation INTEGER,
    updated_at TEXT NOT NULL,
    project INTEGER,
    done INTEGER NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX IF NOT EXISTS event_once ON event (action, annotation, updated_at)
    WHERE annotation IS NOT NULL;
CREATE UNIQUE INDEX IF NOT EXISTS event_waiting ON event (action, coalesce(project, 0))
    WHERE annotation IS NULL AND done = 0;
CREATE INDEX IF NOT EXISTS event_pending ON event (id) WHERE done = 0;
"""


class StoreFull(Exception):
    """The disk, or the room given to the store, is full."""


class StoreBusy(Exception):
    """The store cannot be written just now."""


@dataclass(frozen=True, slots=True)
class Event:
    """A stored hint."""

    id: int
    hint: Hint


class EventStore:
    """Events in one SQLite file; every method is one short transaction and may run in any thread.

    `writable` (whether the last event could be stored) and `tried` (when that was, on the system's
    monotonic clock; 0 before) are kept in memory, and `pending` is read beside all writing, so none
    of them waits. Until it is closed, its data directory is not replaced by a backup
    (`DataDir.use_lock`).
    """

    def __init__(self, path: Path, *, max_bytes: int = MAX_BYTES) -> None:
        """Open or create the store.

        Raises:
            UsageError: the data directory is just being restored from a backup.
            GoldleafError: the file cannot be opened or is no event store.
        """
        self._lock = threading.Lock()
        self._use = ExitStack()
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._use.enter_context(locked(DataDir(path.parent).use_lock, shared=True))
            path.touch(mode=0o600)  # the folder may be one that other users read
            # 0.5 s: an answer must leave before Label Studio gives up at 1 s.
            self._db = sqlite3.connect(path, timeout=0.5, check_same_thread=False)
            try:
                self._prepare(max_bytes)
            except sqlite3.Error:
                self._db.close()
                raise
        except (OSError, sqlite3.Error) as error:
            self._use.close()
            raise GoldleafError(
                f"The store of webhook events cannot be opened: {error}",
                where=str(path),
                fix="free some space, or move the file away: it only holds hints",
            ) from error
        self._path, self._file = path.absolute(), _identity(path)
        self._missed = False
        self._reading = threading.Lock()
        self._known = self._count(self._db)
        self._reader = sqlite3.connect(path, timeout=0.05, check_same_thread=False)
        self.writable, self.tried = True, 0.0

    def _prepare(self, max_bytes: int) -> None:
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = FULL")
        self._db.executescript(_SCHEMA)
        (page,) = self._db.execute("PRAGMA page_size").fetchone()
        self._db.execute(f"PRAGMA max_page_count = {max(1, max_bytes // page)}")

    def add(self, hints: Iterable[Hint]) -> int:
        """Store what is not stored yet and return how many that was; durable when it returns.

        Stored before is a hint of the same action, annotation and `updated_at`; of hints without
        an annotation, one of the same action and project that still waits.

        Raises:
            StoreFull: nothing was stored.
            StoreBusy: nothing was stored; also where the file was moved, removed or replaced.
        """
        rows = [(hint.action, hint.annotation, hint.updated_at, hint.project) for hint in hints]
        statement = (
            "INSERT OR IGNORE INTO event (action, annotation, updated_at, project)"
            " VALUES (?, ?, ?, ?)"
        )
        with self._lock:
            try:
                self._check_there()
                with self._db:
                    stored = self._db.executemany(statement, rows).rowcount
            except sqlite3.Error as error:
                self.writable, self.tried = False, time.monotonic()
                if getattr(error, "sqlite_errorcode", 0) == sqlite3.SQLITE_FULL:
                    raise StoreFull(str(error)) from error
                raise StoreBusy(str(error)) from error
            self.writable, self.tried = True, time.monotonic()
            return stored

    def writable_by_all(self, others: Iterable[Mapping[str, Any]]) -> bool:
        """Return whether the last event could be stored that any process of the server tried.

        `others` say it of theirs, by `writable` and `tried`.
        """
        tried = [(each.get("tried", 0.0), each.get("writable", True)) for each in others]
        return max([(self.tried, self.writable), *tried])[1]

    def _check_there(self) -> None:
        """Raise sqlite3.OperationalError where the file was moved, removed or replaced.

        SQLite goes on writing to one that has no name any more, and all of it is lost at the end.
        """
        if _identity(self._path) == self._file:
            self._missed = False
            return
        if not self._missed:  # said once
            self._missed = True
            LOG.error(
                "the store of webhook events is no longer at %s: put it back as it was, or end the "
                "server and start it again; until then no event is kept",
                self._path,
            )
        raise sqlite3.OperationalError("the file was moved, removed or replaced")

    @property
    def pending(self) -> int:
        """Number of events not processed yet; the last known number while the store is busy."""
        with self._reading:
            with suppress(sqlite3.Error):
                self._known = self._count(self._reader)
            return self._known

    def waiting(self, limit: int = 1000) -> list[Event]:
        """Return the oldest events that were not worked off yet, at most `limit`, oldest first.

        They go on waiting until `finish` is called with them.
        """
        with self._lock:
            rows = self._db.execute(
                "SELECT id, action, annotation, updated_at, project FROM event"
                " WHERE done = 0 ORDER BY id LIMIT ?",
                (limit,),
            ).fetchall()
        return [Event(row[0], Hint(*row[1:])) for row in rows]

    def finish(self, events: Iterable[Event]) -> None:
        """Mark events as worked off.

        Of all finished events in the store, those among the newest `KEPT` ids stay, so that a
        repeated delivery changes nothing; older ones are deleted. Waiting events always stay.
        """
        with self._lock, self._db:
            self._db.executemany(
                "UPDATE event SET done = 1 WHERE id = ?", [(event.id,) for event in events]
            )
            self._db.execute(
                "DELETE FROM event WHERE done = 1 AND id <= (SELECT max(id) FROM event) - ?",
                (KEPT,),
            )

    @staticmethod
    def _count(db: sqlite3.Connection) -> int:
        (count,) = db.execute("SELECT count(*) FROM event WHERE done = 0").fetchone()
        return int(count)

    def close(self) -> None:
        """Close the file; no other method may be called afterwards."""
        with self._lock, self._reading:
            self._db.close()
            self._reader.close()
            self._use.close()


def _identity(path: Path) -> tuple[int, int] | None:
    """Return what tells a file from another one of the same name; None where there is none."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino
