"""Background worker that retrains models when webhooks report new annotations.

A webhook is only a hint. It may be lost (then a look at all projects finds what it was about), come
twice (then nothing happens), or wait while the worker is dead (then the next one takes it up).
"""

from __future__ import annotations

import threading
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path

from goldleaf.backend.disagreements import refresh_disagreements
from goldleaf.backend.draft_scores import DraftScore
from goldleaf.backend.event_store import EventStore
from goldleaf.backend.log import LOG
from goldleaf.backend.predictors.predictor import Predictor, for_project, model_version
from goldleaf.backend.training.fit_process import Fitting
from goldleaf.backend.training.model_store import ModelStore
from goldleaf.backend.training.pending_events import PendingEvents
from goldleaf.backend.training.retraining_schedule import RetrainingSchedule
from goldleaf.backend.training.retry_delays import RetryDelays
from goldleaf.backend.training.thresholds import TARGET
from goldleaf.backend.training.training_run import Stopping, TrainingRun, run_training
from goldleaf.backend.training.worker_status import WorkerStatus
from goldleaf.core.errors import BadRow, GoldleafError, StudioUnreachable, UsageError
from goldleaf.core.file_lock import locked
from goldleaf.label_configs.registry import recognise
from goldleaf.studio.annotation_stream import StateMark, state_mark
from goldleaf.studio.backend_link import linked_versions
from goldleaf.studio.client import Studio
from goldleaf.studio.projects import Project, get_project, list_projects, project_key


class Worker:
    """Learns in a thread of its own, from `start` to `stop`.

    Args:
        events: the store that webhooks write to.
        store: where models lie; a lock in its folder keeps a second worker out.
        predictor: the predictor whose model versions Label Studio gets.
        studio: opens Label Studio; called for each piece of work, in the worker's thread. Whatever
            it raises as a `GoldleafError` means "not now".
        schedule: how soon.
        target: share of right answers that a draft must have.
    """

    def __init__(
        self,
        events: EventStore,
        store: ModelStore,
        predictor: Predictor,
        studio: Callable[[], Studio],
        *,
        schedule: RetrainingSchedule | None = None,
        target: float = TARGET,
    ) -> None:
        self.progress = WorkerStatus()
        self.draft_scores: Mapping[int, Sequence[DraftScore]] = {}
        """Project -> what became of its drafts, as its last round read them; replaced as a whole,
        so that other threads may read it."""
        self._schedule = schedule or RetrainingSchedule()
        self._waiting = PendingEvents(events, self._schedule)
        self._store = store
        self._predictor = predictor
        self._studio = studio
        self._target = target
        self._stopping = threading.Event()
        self._woken = threading.Event()
        self._guard = threading.Lock()
        self._fitting: Fitting | None = None
        self._thread = threading.Thread(target=self._run, name="goldleaf-worker", daemon=True)
        self._marks: dict[int, StateMark] = {}
        self._lanes = RetryDelays(self._schedule.retry, self._schedule.look)
        self._unreadable: set[tuple[int, int]] = set()

    @property
    def lock(self) -> Path:
        """The file whose lock a worker holds while it works, so that only one does."""
        return self._store.folder / "worker.lock"

    def start(self) -> None:
        """Start the thread, once; it looks at all projects first, as events may be lost."""
        self._thread.start()

    def wake(self) -> None:
        """Wake the worker because events came in; returns at once."""
        self._woken.set()

    def stop(self, wait: float = 5.0) -> None:
        """End a fit that is running, and the thread; what was not finished is done next time.

        Args:
            wait: seconds to wait for the thread; it may still run when they are over.
        """
        self._stopping.set()
        self._woken.set()
        with self._guard:
            if self._fitting:
                self._fitting.kill()
        if self._thread.is_alive():
            self._thread.join(wait)

    def _run(self) -> None:
        pause, look_at = self._first_pause, time.monotonic()
        while not self._stopping.is_set():
            try:
                if time.monotonic() >= look_at:
                    self._look()
                    look_at = time.monotonic() + self._schedule.look
                rest = self._work_off()
                pause = self._first_pause
                self.progress.state, self.progress.problem = "waiting", self._lanes.problem
            except Stopping:
                break
            except Exception as error:
                if self._stopping.is_set():
                    break
                self._report(error)
                rest, pause = pause, min(2 * pause, self._schedule.look)
                self._stopping.wait(rest)
                continue
            self._woken.wait(max(0.05, min(rest, look_at - time.monotonic())))
            if self._woken.is_set():
                self._woken.clear()
                self._stopping.wait(self._schedule.quiet)
        self.progress.state = "stopped"

    def _report(self, error: Exception) -> None:
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

    @property
    def _first_pause(self) -> float:
        return min(self._schedule.retry, self._schedule.look)

    def _work_off(self) -> float:
        """Serve the projects whose events are due; return the seconds until the next one is."""
        waiting = self._waiting
        waiting.read()
        self.progress.ignored += waiting.drop_unnamed()
        soonest = self._schedule.look
        for number in sorted(waiting.projects | self._lanes.projects, key=self._lanes.last):
            due = self._lanes.wait(number) or waiting.due(number)
            if due <= 0:
                self._serve(number)
                due = self._lanes.wait(number)
            if due > 0:
                soonest = min(soonest, due)
        return soonest

    def _serve(self, number: int) -> None:
        """Learn from one project; its events are done only when all of that has succeeded."""

        def learn(studio: Studio) -> bool:
            try:
                project = get_project(studio, number)
            except UsageError:
                return True  # deleted meanwhile: there is nothing left to learn from
            self._round(studio, project, state_mark(studio, number, project))
            return True

        with locked(self.lock), self._studio() as studio:
            self._with_retries(studio, number, learn)

    def _look(self) -> None:
        """Learn from every project of ours that has changed, with or without an event."""
        self._waiting.read()
        with locked(self.lock), self._studio() as studio:
            for project in list_projects(studio):
                self._pause_point()
                number = int(project["id"])
                if not self._lanes.wait(number) and self._ours(project):
                    self._with_retries(studio, number, partial(self._look_at, project))

    def _look_at(self, project: Project, studio: Studio) -> bool:
        """Learn from one project if it has changed; return whether nothing is left to do.

        A change that its waiting events explain is left to them: they say when it is due.
        """
        number = int(project["id"])
        mark = state_mark(studio, number)
        if self._marks.get(number) == mark:
            return not self._waiting.asked(number)
        if self._explained(number, mark) or not self._answers_for(studio, project):
            return False
        self._round(studio, project, mark)
        return True

    def _with_retries(self, studio: Studio, number: int, work: Callable[[Studio], bool]) -> None:
        """Do work for one project, and have its events done if the work says that all is done.

        What fails is this project's own affair, unless nothing works.
        """
        try:
            done = work(studio)
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
        else:
            if done:
                self._lanes.done(number)
                self._waiting.finish(number)
        self.progress.failing = len(self._lanes.projects)

    def _explained(self, number: int, mark: StateMark) -> bool:
        """Return whether no more answers came in than events wait for a project."""
        known, events = self._marks.get(number), self._waiting.count(number)
        if known is None or not events:
            return False
        return abs(mark.counts.all - known.counts.all) <= events

    def _ours(self, project: Project) -> bool:
        try:
            return recognise(project["label_config"]) is not None
        except BadRow:
            return False

    def _answers_for(self, studio: Studio, project: Project) -> bool:
        """Return whether this backend is the one that the project asks for drafts."""
        kind = recognise(project["label_config"])
        now = for_project(self._predictor, project_key(project), project["label_config"])
        return kind is not None and model_version(kind, now) in linked_versions(
            studio, int(project["id"])
        )

    def _round(self, studio: Studio, project: Project, mark: StateMark) -> None:
        """Run one training round.

        `mark` is the project's state from before the round: what comes in meanwhile is a change.
        """
        self._pause_point()
        self.progress.state = "working"
        number, began = int(project["id"]), time.monotonic()
        done = run_training(
            *(studio, project, self._store, self._predictor, self._fresh_fitting),
            target=self._target,
        )
        self._name_unreadable(done)
        if self._ours(project) and (kind := recognise(project["label_config"])):
            refresh_disagreements(studio, project, kind)
        if done:
            self._waiting.learned_from(number, done.examples)
            self.draft_scores = {**self.draft_scores, number: done.scores}
            self.progress.learned += done.learned
            self.progress.drafted += done.drafted
            self.progress.seconds = round(time.monotonic() - began, 3)
            LOG.info(
                "project %d: %s %s, %d answers, %d drafts and %d places stored, %.1f s",
                *(number, "learned" if done.learned else "kept", done.version, done.examples),
                *(done.drafted, done.placed, self.progress.seconds),
            )
        self._marks[number] = mark
        self.progress.rounds += 1

    def _name_unreadable(self, done: TrainingRun | None) -> None:
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
