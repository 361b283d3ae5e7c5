"""Unprocessed webhook events by project, and when each project is due for retraining."""

from __future__ import annotations

import time

from goldleaf.backend.event_store import Event, EventStore
from goldleaf.backend.log import LOG
from goldleaf.backend.training.retraining_schedule import RetrainingSchedule

_AT_ONCE = 10_000
"""Events read at once, the oldest."""


class PendingEvents:
    """Events of the store that are not worked off, as of the last `read`."""

    def __init__(self, store: EventStore, schedule: RetrainingSchedule) -> None:
        self._store = store
        self._schedule = schedule
        self._events: dict[int, list[Event]] = {}
        self._unnamed: list[Event] = []
        self._first_seen: dict[int, float] = {}
        self._learned_from: dict[int, int] = {}

    def read(self) -> None:
        """Read the oldest 10,000 events that wait now; every other method speaks of these."""
        now = time.monotonic()
        self._events, self._unnamed = {}, []
        for event in self._store.waiting(_AT_ONCE):
            if event.hint.project is None:
                self._unnamed.append(event)
            else:
                self._events.setdefault(event.hint.project, []).append(event)
        self._first_seen = {project: self._first_seen.get(project, now) for project in self._events}

    @property
    def projects(self) -> set[int]:
        """The ids of the projects that events wait for."""
        return set(self._events)

    def count(self, project: int) -> int:
        """Return how many of the events read wait for a project."""
        return len(self._events.get(project, ()))

    def asked(self, project: int) -> bool:
        """Return whether training of the whole project is asked for, as by its training button.

        By an event that names no annotation; False where no event waits.
        """
        return any(event.hint.annotation is None for event in self._events.get(project, ()))

    def due(self, project: int) -> float:
        """Return the seconds until a project is to be learned from; 0 also where no event waits.

        0 where the whole project is concerned or enough events wait (`RetrainingSchedule`).
        """
        found = self._events.get(project)
        if not found:
            return 0.0
        enough = max(
            self._schedule.fresh, self._schedule.share * self._learned_from.get(project, 0)
        )
        if self.asked(project) or len(found) >= enough:
            return 0.0
        return max(0.0, self._first_seen[project] + self._schedule.longest - time.monotonic())

    def learned_from(self, project: int, examples: int) -> None:
        """Note how many examples a project was learned from, for `due`; nothing is returned."""
        self._learned_from[project] = examples

    def finish(self, project: int) -> None:
        """Mark the events of a project that were read as worked off; later ones go on waiting."""
        self._store.finish(self._events.pop(project, ()))
        self._first_seen.pop(project, None)

    def drop_unnamed(self) -> int:
        """Mark the events that name no project as worked off, and return how many.

        Nothing is lost: the next look at all projects finds what they could say.
        """
        dropped = len(self._unnamed)
        if dropped:
            LOG.info("%d events name no project and are ignored", dropped)
            self._store.finish(self._unnamed)
            self._unnamed = []
        return dropped
