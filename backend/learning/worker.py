"""The one worker that learns: webhooks wake it, Label Studio is asked, events are done at the end.

A webhook is only a hint. It may be lost (then a look at all projects finds what it was about), come
twice (then nothing happens), or wait while the worker is dead (then the next one takes it up).
"""

from __future__ import annotations

import threading
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from goldleaf.backend.events import Event, EventStore
from goldleaf.backend.learning.child import Fitting
from goldleaf.backend.learning.lanes import Lanes
from goldleaf.backend.learning.rounds import Round, Stopping, one_round
from goldleaf.backend.learning.store import ModelStore
from goldleaf.backend.learning.trust import TARGET
from goldleaf.backend.log import LOG
from goldleaf.backend.predictors.predictor import Predictor, for_project, model_version
from goldleaf.core.errors import BadRow, GoldleafError, StudioUnreachable, UsageError
from goldleaf.core.files import locked
from goldleaf.label_configs.catalogue import recognise
from goldleaf.studio.annotations import state_mark
from goldleaf.studio.backend_link import linked_versions
from goldleaf.studio.client import Studio
from goldleaf.studio.projects import get_project, list_projects, project_key

_HINTS = 10_000
"""Events worked off at once."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How soon something is done, in seconds; a fit costs seconds, so not after each answer.

    Attributes:
        quiet: nothing new must have come in for this long.
        fresh: a project is learned from once this many answers are new,
        share: or this share of all it was learned from, whichever is more,
        longest: or when the oldest has waited this long.
        look: all projects are looked at this often, for events that were lost and for answers that
            were imported, of which Label Studio sends none: two short requests a project.
        retry: the pause after a failure; it doubles up to `look`.
    """

    quiet: float = 2.0
    fresh: int = 10
    share: float = 0.05
    longest: float = 120.0
    look: float = 60.0
    retry: float = 5.0


@dataclass
class Progress:
    """What `/health` says of the worker; written by it, read from memory."""

    state: str = "waiting"
    rounds: int = 0
    learned: int = 0
    seconds: float = 0.0
    """What the last round took."""
    drafted: int = 0
    """Drafts stored by rounds since the start."""
    ignored: int = 0
    """Events that named no project."""
    problem: str = ""


@dataclass
class _Waiting:
    """The events of one project that are not worked off."""

    events: list[Event] = field(default_factory=list[Event])
    since: float = 0.0


class Worker:
    """Learns in a thread of its own, from `start` to `stop`.

    Args:
        events: the store that webhooks write to.
        store: where models lie; a lock in its folder keeps a second worker out.
        predictor: who drafts; the one whose versions Label Studio is told.
        studio: opens Label Studio; called for each piece of work, in the worker's thread. Whatever
            it raises as a `GoldleafError` means "not now".
        pace: how soon.
        target: share of right answers that a draft must have.
    """

    def __init__(
        self,
        events: EventStore,
        store: ModelStore,
        predictor: Predictor,
        studio: Callable[[], Studio],
        *,
        pace: Pace | None = None,
        target: float = TARGET,
    ) -> None:
        self.progress = Progress()
        self._events = events
        self._store = store
        self._predictor = predictor
        self._studio = studio
        self._pace = pace or Pace()
        self._target = target
        self._stopping = threading.Event()
        self._woken = threading.Event()
        self._guard = threading.Lock()
        self._fitting: Fitting | None = None
        self._thread = threading.Thread(target=self._run, name="goldleaf-worker", daemon=True)
        self._first_seen: dict[int, float] = {}
        self._learned_from: dict[int, int] = {}
        self._marks: dict[int, str] = {}
        self._lanes = Lanes(self._pace.retry, self._pace.look)
        self._unreadable: set[tuple[int, int]] = set()

    @property
    def lock(self) -> Path:
        """The file whose lock the worker holds while it works."""
        return self._store.folder / "worker.lock"

    def start(self) -> None:
        """Begin with a look at all projects: events may have been lost while nobody listened."""
        self._thread.start()

    def wake(self) -> None:
        """Say that events have come in; returns at once."""
        self._woken.set()

    def stop(self, wait: float = 5.0) -> None:
        """End a fit that is running, and the thread; what was not finished is done next time."""
        self._stopping.set()
        self._woken.set()
        with self._guard:
            if self._fitting:
                self._fitting.kill()
        if self._thread.is_alive():
            self._thread.join(wait)

    def _run(self) -> None:
        pause, look_at = self._pace.retry, time.monotonic()
        while not self._stopping.is_set():
            try:
                if time.monotonic() >= look_at:
                    self._look()
                    look_at = time.monotonic() + self._pace.look
                rest = self._work_off()
                pause = self._pace.retry
                self.progress.state, self.progress.problem = "waiting", self._lanes.problem
            except Stopping:
                break
            except Exception as error:
                if self._stopping.is_set():
                    break
                self._tell(error)
                rest, pause = pause, min(2 * pause, self._pace.look)
                self._stopping.wait(rest)
                continue
            self._woken.wait(max(0.05, min(rest, look_at - time.monotonic())))
            if self._woken.is_set():
                self._woken.clear()
                self._stopping.wait(self._pace.quiet)
        self.progress.state = "stopped"

    def _tell(self, error: Exception) -> None:
        first = error.what if isinstance(error, GoldleafError) else type(error).__name__
        self.progress.state, self.progress.problem = "retrying", first
        if isinstance(error, StudioUnreachable):
            LOG.info("learning waits: %s", first)
        elif isinstance(error, GoldleafError):
            LOG.warning("learning waits: %s", first)
        else:
            # As one text, so that the log's filter strikes secrets out of it.
            trace = "".join(traceback.format_exception(error))
            LOG.error("learning failed and is tried again: %s", trace)

    def _work_off(self) -> float:
        """Serve the projects whose events are due; return the seconds until the next one is."""
        waiting = self._waiting()
        if None in waiting:  # it says nothing that the next look at all projects does not find
            lost = waiting[None].events
            LOG.info("%d events name no project and are ignored", len(lost))
            self.progress.ignored += len(lost)
            self._events.finish(lost)
        soonest = self._pace.look
        numbers = {number for number in waiting if number is not None}
        for number in sorted(numbers | self._lanes.projects, key=self._lanes.last):
            found = waiting.get(number)
            due = self._lanes.wait(number) or (self._due(number, found) if found else 0.0)
            if due <= 0:
                self._serve(number, found.events if found else [])
                due = self._lanes.wait(number)
            if due > 0:
                soonest = min(soonest, due)
        return soonest

    def _waiting(self) -> dict[int | None, _Waiting]:
        now = time.monotonic()
        waiting: dict[int | None, _Waiting] = {}
        for event in self._events.waiting(_HINTS):
            waiting.setdefault(event.hint.project, _Waiting()).events.append(event)
        numbers = {number for number in waiting if number is not None}
        self._first_seen = {number: self._first_seen.get(number, now) for number in numbers}
        for number in numbers:
            waiting[number].since = self._first_seen[number]
        return waiting

    def _due(self, number: int, found: _Waiting) -> float:
        """Return the seconds until a project is to be learned from; 0 for now."""
        asked = any(event.hint.annotation is None for event in found.events)
        enough = max(self._pace.fresh, self._pace.share * self._learned_from.get(number, 0))
        if asked or len(found.events) >= enough:
            return 0.0
        return max(0.0, found.since + self._pace.longest - time.monotonic())

    def _serve(self, number: int, events: list[Event]) -> None:
        """Learn from one project; its events are done only when all of that has succeeded."""
        with locked(self.lock), self._studio() as studio:
            try:
                project: Any = get_project(studio, number)
            except UsageError:
                project = None  # deleted meanwhile: there is nothing left to learn from
            if project and not self._round(studio, project):
                return
        self._lanes.done(number)
        self._events.finish(events)
        self._first_seen.pop(number, None)

    def _look(self) -> None:
        """Learn from every project of ours that has changed, whether an event told us or not."""
        before = self._events.waiting(_HINTS)
        looked_at: set[int | None] = {None}
        with locked(self.lock), self._studio() as studio:
            for project in list_projects(studio):
                self._pause_point()
                number = int(project["id"])
                if self._lanes.wait(number) or not self._ours(project):
                    continue
                mark = state_mark(studio, number)
                if self._marks.get(number) != mark:
                    if not self._answers_for(studio, project) or not self._round(studio, project):
                        continue
                    self._marks[number] = mark
                looked_at.add(number)
        self._events.finish(event for event in before if event.hint.project in looked_at)

    def _ours(self, project: Any) -> bool:
        try:
            return recognise(project["label_config"]) is not None
        except BadRow:
            return False

    def _answers_for(self, studio: Studio, project: Any) -> bool:
        """Tell whether this backend is the one that the project asks for drafts."""
        kind = recognise(project["label_config"])
        now = for_project(self._predictor, project_key(project))
        return kind is not None and model_version(kind, now) in linked_versions(
            studio, int(project["id"])
        )

    def _round(self, studio: Studio, project: Any) -> bool:
        """Do one round; what fails in it is this project's own affair, unless nothing works."""
        self._pause_point()
        self.progress.state = "working"
        number, began = int(project["id"]), time.monotonic()
        try:
            done = one_round(
                *(studio, project, self._store, self._predictor, self._fresh_fitting),
                target=self._target,
            )
        except Stopping:
            raise
        except Exception as error:
            if self._stopping.is_set():
                raise
            if isinstance(error, StudioUnreachable):
                studio.version()  # where Label Studio itself is down, all projects wait
            problem = error.what if isinstance(error, GoldleafError) else type(error).__name__
            pause = self._lanes.failed(number, problem)
            LOG.warning("project %d waits %.0f s; the others go on: %s", number, pause, problem)
            if not isinstance(error, GoldleafError):
                LOG.error("%s", "".join(traceback.format_exception(error)))
            return False
        self._lanes.done(number)
        self._name_unreadable(done)
        if done:
            self._learned_from[int(project["id"])] = done.examples
            self.progress.learned += done.learned
            self.progress.drafted += done.drafted
            self.progress.seconds = round(time.monotonic() - began, 3)
            LOG.info(
                "project %d: %d answers, %s, %d drafts stored, %.1f s",
                *(number, done.examples),
                *("new model" if done.learned else "same model", done.drafted),
                self.progress.seconds,
            )
        self.progress.rounds += 1
        return True

    def _name_unreadable(self, done: Round | None) -> None:
        """Log each task that was left out, once."""
        for task in done.unreadable if done else ():
            if (task.project, task.id) not in self._unreadable:
                self._unreadable.add((task.project, task.id))
                LOG.warning("learning goes on without one: %s", task)

    def _fresh_fitting(self) -> Fitting:
        with self._guard:
            self._pause_point()
            self._fitting = Fitting()
            return self._fitting

    def _pause_point(self) -> None:
        if self._stopping.is_set():
            raise Stopping
