"""Drafts by a small text classifier, learned from a project's own annotations.

It drafts choices only, only those outside the annotator's final word, and each only from the
confidence at which it has proved itself (`goldleaf.backend.training.thresholds`). Before anything
was learned it drafts nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from goldleaf.backend.predictors.predictor import Draft, Predictor
from goldleaf.backend.training.classifier_model import ChoicePrediction, Model
from goldleaf.backend.training.model_store import ModelStore
from goldleaf.label_configs.kind import Kind

NAME = "classifier"
VERSION = "3"
QUICK = True

QUEUED_FROM = 20
"""Answers from which on a model that drafts nothing yet orders the queue.

With 10, 20 or 30, XSTest took 70, 60 and 90 labels to 98 % of full accuracy, at random 100 (seeds
10 to 19 of `benchmarks/labelling_order.py`; with 30 by the likeliest choice's probability).
"""


def drafts(kind: Kind, tasks: Sequence[Mapping[str, Any]]) -> list[Draft | None]:
    """Return None for every task: without a folder of models (`opened`) nothing was learned."""
    return [None for _ in tasks]


def opened(models: Path) -> Classifier:
    """Return the classifier with what it learned in the folder `models`."""
    return Classifier(ModelStore(models))


class Classifier:
    """The classifier of every project whose models lie in one store."""

    NAME = NAME
    VERSION = VERSION
    QUICK = QUICK
    learned_from = 0

    def __init__(self, store: ModelStore) -> None:
        self.store = store

    def drafts(self, kind: Kind, tasks: Sequence[Mapping[str, Any]]) -> list[Draft | None]:
        """Return None for every task: what was learned is a project's, see `for_project`."""
        return drafts(kind, tasks)

    def undrafted(self, kind: Kind, task: Mapping[str, Any]) -> str:
        """Return why nothing was drafted: nothing was learned yet."""
        return "not_learned"

    def for_project(self, project: str) -> Predictor:
        """Return the classifier as it is now for one project; later trainings do not change it.

        `project` is `<id>.<unix time of creation>`. One without a model gets this object itself,
        which drafts nothing.
        """
        current = self.store.current(project)
        return Learned(*current) if current else self


class Learned:
    """The classifier with one project's model."""

    NAME = NAME

    def __init__(self, version: str, model: Model) -> None:
        self.VERSION = f"{VERSION}+{version}"
        self.learned_from = model.count
        self._model = model

    def undrafted(self, kind: Kind, task: Mapping[str, Any]) -> str:
        """Return why nothing was drafted: no choice reached the confidence it needs."""
        return "not_sure_enough"

    def drafts(self, kind: Kind, tasks: Sequence[Mapping[str, Any]]) -> list[Draft | None]:
        """Return one draft a task, or None where no choice is sure enough.

        All are None if the model was learned for another kind. A batch that is unlike what it was
        learned from gets fewer (`Model.ask_all`).
        """
        if self._model.kind != kind.id:
            return [None for _ in tasks]
        return [_draft(predictions) for predictions in self._model.ask_all(tasks)]

    def priorities(self, kind: Kind, tasks: Sequence[Mapping[str, Any]]) -> list[float | None]:
        """Return each task's place in the queue, 0 to 1: the least margin of its questions.

        Tasks without a draft have one, too. None where nothing is asked of the model, or before
        `QUEUED_FROM` answers.
        """
        drafting = any(head.floors for head in self._model.heads)
        early = self._model.count < QUEUED_FROM and not drafting
        if early or self._model.kind != kind.id:
            return [None for _ in tasks]
        asked = self._model.ask_each(tasks)
        return [_priority(predictions) if predictions else None for predictions in asked]


def _draft(predictions: Sequence[ChoicePrediction]) -> Draft | None:
    values: dict[str, tuple[str, ...]] = {}
    confidence: dict[str, float] = {}
    for each in predictions:
        if each.draftable:
            control = each.head.control
            values[control] = (*values.get(control, ()), each.choice)
            confidence[control] = min(each.confidence, confidence.get(control, 1.0))
    return Draft(values, _priority(predictions), confidence) if values else None


def _priority(predictions: Sequence[ChoicePrediction]) -> float:
    """Return the place in the queue: where two choices are about as likely, an answer teaches most.

    The margin (Scheffer 2001), not the probability of the likeliest choice: that one also puts
    first what is merely unlike everything.
    """
    return round(min(each.margin for each in predictions), 4)
