"""What a process of label-studio-ml's server shares: the predictor, the events, the training."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from goldleaf.backend.config_cache import kind_and_screen
from goldleaf.backend.event_store import EventStore, StoreBusy, StoreFull
from goldleaf.backend.log import LOG
from goldleaf.backend.predictions import draft_predictions
from goldleaf.backend.predictors.predictor import Predictor, for_project, model_version
from goldleaf.backend.predictors.predictor_registry import open_predictor
from goldleaf.backend.protocol import HINT_ACTIONS, Rejected, hints
from goldleaf.core.data_dir import DataDir
from goldleaf.core.errors import BadRow, GoldleafError
from goldleaf.core.redaction import remember
from goldleaf.core.settings import Settings, load

if TYPE_CHECKING:
    from goldleaf.backend.training.training_worker import Worker
    from goldleaf.studio.client import Studio

UNKNOWN = "goldleaf:unknown_kind"
"""The version for a labeling config that is of no kind of ours: nothing is drafted for it."""
KEY_SECONDS = 60.0
"""How long a project's creation time, or that it could not be had, is remembered."""
_services: dict[int, DraftingService] = {}
_guard = threading.Lock()


@dataclass(frozen=True, slots=True)
class _Key:
    key: str
    until: float


class DraftingService:
    """Drafts and training behind a server that is not ours.

    Args:
        settings: data directory, predictor, and the Label Studio to learn from.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        for secret in (settings.token, settings.backend_password, settings.webhook_secret):
            remember(secret)
        data = settings.state.create()
        self._models = data.models
        self._events = EventStore(data.events)
        self._predictor = open_predictor(settings.predictor, self._models)
        self._keys: dict[str, _Key] = {}
        self._worker: Worker | None = None

    def version(self, config: str, project: str) -> str:
        """Return the version of the drafts for a project, as `goldleaf serve` names it.

        Args:
            config: the project's labeling config.
            project: `<id>.<unix time of creation>`, or `<id>` alone.
        """
        try:
            kind, _ = kind_and_screen(config)
        except BadRow as error:
            LOG.warning("nothing is drafted for project %s: %s", project, error.reason)
            return UNKNOWN
        return model_version(kind, self._drafter(project, config))

    def predictions(self, config: str, project: str, tasks: Sequence[Any]) -> list[dict[str, Any]]:
        """Return one prediction a task, `{}` for a task that gets no draft; arguments as above."""
        try:
            kind, screen = kind_and_screen(config)
        except BadRow:
            return [{} for _ in tasks]
        return draft_predictions(kind, screen, tasks, self._drafter(project, config))

    def add_event(self, action: str, data: Mapping[str, Any]) -> int:
        """Store what an event is about, and wake the training; return how many hints were new."""
        stored = store_event(self._events, action, data)
        if stored and self._worker:
            self._worker.wake()
        return stored

    def start_training(self) -> None:
        """Train in a thread from now on, if a Label Studio to learn from is named; once."""
        from goldleaf.backend.training.model_store import ModelStore
        from goldleaf.backend.training.retraining_schedule import RetrainingSchedule
        from goldleaf.backend.training.training_worker import Worker

        if self._worker or not (studio := self._studio):
            return
        self._worker = Worker(
            self._events,
            ModelStore(self._models),
            self._predictor,
            studio,
            schedule=RetrainingSchedule(look=self._settings.poll_interval),
        )
        self._worker.start()

    def close(self) -> None:
        """End the training and close the store."""
        if self._worker:
            self._worker.stop()
        self._events.close()

    @property
    def _studio(self) -> Callable[[], Studio] | None:
        settings = self._settings
        if not (settings.url and settings.token):
            return None

        def opened() -> Studio:
            from goldleaf.studio.client import Studio

            return Studio(settings.url, settings.token)

        return opened

    def _drafter(self, project: str, config: str) -> Predictor:
        return for_project(self._predictor, self._key(project) or "0", config)

    def _key(self, project: str) -> str:
        """Return `<id>.<created>`: an id alone may be that of a deleted project. "" if unknown."""
        if "." in project or not project.isdecimal():
            return project if project.replace(".", "", 1).isdecimal() else ""
        known = self._keys.get(project)
        if known is None or known.until < time.monotonic():
            known = _Key(self._asked_key(int(project)), time.monotonic() + KEY_SECONDS)
            self._keys[project] = known
        return known.key

    def _asked_key(self, project: int) -> str:
        from goldleaf.studio.projects import get_project, project_key

        if not (opened := self._studio):
            return ""
        try:
            with opened() as studio:
                return project_key(get_project(studio, project))
        except GoldleafError as error:
            LOG.warning("drafts of project %d are without what was learned: %s", project, error)
            return ""


def store_event(events: EventStore, action: str, data: Mapping[str, Any]) -> int:
    """Store the hints of an event; return how many were new, 0 for an event of no use.

    An event that cannot be read or stored is logged: training looks at all projects anyway.
    """
    if action not in HINT_ACTIONS:
        return 0
    try:
        return events.add(hints({**data, "action": action}))
    except (Rejected, StoreFull, StoreBusy) as error:
        LOG.warning("an event %s is not kept: %s", action, str(error) or type(error).__name__)
        return 0


def service_settings() -> Settings:
    """Return the settings under label-studio-ml: `MODEL_DIR` is the data directory, if given."""
    return load({"data_dir": os.environ.get("MODEL_DIR") or None})


def drafting_service() -> DraftingService:
    """Return this process's service, made when it is first asked for.

    Made late because gunicorn forks after loading the application, and threads do not survive that.

    Raises:
        GoldleafError: the settings cannot be read, or the event store cannot be opened.
    """
    with _guard:
        pid = os.getpid()
        if pid not in _services:
            made = DraftingService(service_settings())
            made.start_training()
            _services[pid] = made
        return _services[pid]


def add_event(action: str, data: Mapping[str, Any]) -> int:
    """Store an event from any process: 1.x calls `fit` in a child that ends right after."""
    if service := _services.get(os.getpid()):
        return service.add_event(action, data)
    events = EventStore(Path(DataDir(service_settings().state.path).create().events))
    try:
        return store_event(events, action, data)
    finally:
        events.close()
