"""A model that was written for label-studio-ml, as a predictor of ours.

Its predictions are checked against the labeling config, and its choices are drafted only once they
have proved themselves, as those of our own classifier (`proven_choices`).
"""

from __future__ import annotations

import copy
import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from goldleaf.backend.label_studio_ml.load_model_class import load_model_class, one_line
from goldleaf.backend.label_studio_ml.model_answers import predictions_of, values_of
from goldleaf.backend.label_studio_ml.model_process import (
    TOO_SLOW,
    WAIT,
    ModelProcess,
    ModelSlow,
)
from goldleaf.backend.label_studio_ml.model_worker import context_for, fit, new_model
from goldleaf.backend.label_studio_ml.proven_choices import ProvenChoices
from goldleaf.backend.label_studio_ml.remote_model import RemoteModel
from goldleaf.backend.log import LOG
from goldleaf.backend.predictors.predictor import Draft
from goldleaf.core.errors import BadRow
from goldleaf.label_configs.kind import Kind
from goldleaf.label_configs.screen import Screen, parse

KEPT = 8
"""Models kept in memory, the latest used: one for a project and its labeling config."""


class ForeignModel:
    """The model for all projects; each project and labeling config gets an object of its class.

    Args:
        path: `package.module:Class`.
        models: the folder of what is learned; what the model has proved is kept there.
        apart: run it in a process of its own.
        seconds: how long drafts are waited for then; None waits for all.

    Raises:
        UsageError: as `load_model_class`.
    """

    WHOLE_TASKS = True

    def __init__(
        self, path: str, models: Path, *, apart: bool = False, seconds: float | None = WAIT
    ) -> None:
        self.NAME = path
        self._make: Callable[[str, str], Any]
        if apart:
            process = ModelProcess(path, seconds)
            self.VERSION = str(process.facts["initial"])
            self._make = partial(RemoteModel, process)
            self.close = process.close
        else:
            model_class = load_model_class(path)
            self.VERSION = str(getattr(model_class, "INITIAL_MODEL_VERSION", "1"))
            self._make = partial(new_model, model_class)
        self._models = models
        self._open: OrderedDict[tuple[str, str], ForeignProjectModel] = OrderedDict()
        self._guard = threading.Lock()

    def drafts(self, kind: Kind, tasks: Sequence[Mapping[str, Any]]) -> list[Draft | BadRow | None]:
        """Return the drafts of a model for the kind's own labeling config, of no project."""
        return self.for_config("0", kind.config()).drafts(kind, tasks)

    def for_config(self, project: str, config: str) -> ForeignProjectModel:
        """Return the model of a project with its labeling config, made when it is first asked for.

        `project` is `<id>.<unix time of creation>`.
        """
        with self._guard:
            key = (project, config)
            if key not in self._open:
                digest = hashlib.sha256(self.NAME.encode()).hexdigest()[:12]
                proven = ProvenChoices(self._models / project / f"{digest}.proven.json")
                self._open[key] = ForeignProjectModel(
                    self.NAME, self.VERSION, self._make, project, config, proven
                )
            self._open.move_to_end(key)
            while len(self._open) > KEPT:
                self._open.popitem(last=False)
            return self._open[key]


class ForeignProjectModel:
    """The model of one project; one that cannot be made fails at each draft, with its reason.

    Models are not made for several threads, so only one asks it at a time.
    """

    WHOLE_TASKS = True

    def __init__(
        self,
        name: str,
        initial: str,
        make: Callable[[str, str], Any],
        project: str,
        config: str,
        proven: ProvenChoices,
    ) -> None:
        self.NAME = name
        self.proven = proven
        self._initial = initial
        self._screen = parse(config)
        self._lock = threading.RLock()
        self._model: Any = None
        self._problem = ""
        self._context: Mapping[str, Any] | None = None
        number = project.partition(".")[0]
        try:
            self._model = make(number, config)
        except Exception as error:
            self._problem = one_line(error)
            LOG.warning("%s cannot be made for project %s: %s", name, number, self._problem)

    @property
    def VERSION(self) -> str:
        """The model's own version, and what it has proved; another one has drafts made anew."""
        own = getattr(self._model, "model_version", None)
        proved = self.proven.version
        return f"{own or self._initial}{'+' if proved else ''}{proved}"

    @property
    def learned_from(self) -> int:
        """How many annotations the model was given."""
        return self.proven.count

    def in_context(self, context: Mapping[str, Any]) -> ForeignProjectModel:
        """Return the same model for one interactive request, of which it gets the context."""
        asked = copy.copy(self)
        asked._context = context
        return asked

    def undrafted(self, kind: Kind, task: Mapping[str, Any]) -> str:
        """Return why nothing was drafted: its choices have not proved themselves yet."""
        return "not_sure_enough"

    def drafts(self, kind: Kind, tasks: Sequence[Mapping[str, Any]]) -> list[Draft | BadRow | None]:
        """Return one draft a task, None where nothing is left to draft, or why there is none.

        Args:
            kind: what the tasks are.
            tasks: Label Studio's task objects.

        Raises:
            Exception: whatever the model raises.
        """
        drafts: list[Draft | BadRow | None] = []
        try:
            predictions = self._predictions(tasks)
        except ModelSlow:
            return [BadRow(TOO_SLOW) for _ in tasks]
        for prediction in predictions:
            try:
                values = values_of(prediction, self._screen)
            except BadRow as error:
                LOG.warning("%s: %s: %s", self.NAME, error.reason, error.detail)
                drafts.append(error)
                continue
            kept = self._proved(kind, values)
            drafts.append(Draft(kept, _score(prediction.get("score"))) if kept else None)
        return drafts

    def choices_for(self, tasks: Sequence[Mapping[str, Any]]) -> list[dict[str, tuple[str, ...]]]:
        """Return the choices that the model makes for tasks, proved or not; {} where it cannot.

        Raises:
            Exception: whatever the model raises.
        """
        found: list[dict[str, tuple[str, ...]]] = []
        for prediction in self._predictions(tasks, patient=True):
            try:
                values = values_of(prediction, self._screen)
            except BadRow:
                values = {}
            found.append({k: v for k, v in values.items() if _is_choice(self._screen, k)})
        return found

    def fit(self, event: str, data: Mapping[str, Any]) -> None:
        """Give an event to the model, as its own server would: `fit(event, data)`.

        Raises:
            Exception: whatever the model raises.
        """
        if isinstance(self._model, RemoteModel):
            return self._model.fit(event, data)
        with self._lock:
            fit(self._model, event, copy.deepcopy(dict(data)))

    def _predictions(
        self, tasks: Sequence[Mapping[str, Any]], *, patient: bool = False
    ) -> list[Mapping[str, Any]]:
        if self._model is None:
            raise RuntimeError(self._problem)
        if isinstance(self._model, RemoteModel):
            return self._model.predict(tasks, self._context, patient=patient)
        context = context_for(self._model, copy.deepcopy(self._context))
        given = copy.deepcopy([dict(task) for task in tasks])  # a model may write into its tasks
        with self._lock:
            return predictions_of(self._model.predict(given, **context), len(given))

    def _proved(
        self, kind: Kind, values: Mapping[str, tuple[str, ...]]
    ) -> dict[str, tuple[str, ...]]:
        """Return values without the choices that have not proved themselves.

        What is the annotator's own word stays, so that the draft is refused for it and says so.
        """
        kept: dict[str, tuple[str, ...]] = {}
        for control, held in values.items():
            if kind.may_draft(control) and _is_choice(self._screen, control):
                held = tuple(choice for choice in held if self.proven.holds(control, choice))
            if held:
                kept[control] = held
        return kept


def _is_choice(screen: Screen, name: str) -> bool:
    control = screen.control(name)
    return control is not None and control.type == "choices"


def _score(given: Any) -> float | None:
    if isinstance(given, bool) or not isinstance(given, int | float):
        return None
    return float(given)
