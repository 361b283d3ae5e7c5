"""Rules and classifier together: what the rules draft, and what else was learned."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from goldleaf.backend.predictors import classifier, rules
from goldleaf.backend.predictors.predictor import (
    Draft,
    Predictor,
    for_project,
    learned_from,
    priorities,
)
from goldleaf.label_configs.kind import Kind

NAME = "auto"
VERSION = f"{rules.VERSION}.{classifier.VERSION}"
QUICK = True


def drafts(kind: Kind, tasks: Sequence[Mapping[str, Any]]) -> list[Draft | None]:
    """Return what the rules draft for each task, or None; this is without anything learned.

    Raises:
        BadRow: as the rules do.
    """
    return rules.drafts(kind, tasks)


def opened(models: Path) -> Auto:
    """Return rules and classifier with what was learned in the folder `models`."""
    return Auto(classifier.opened(models))


class Auto:
    """Rules and classifier, for every project whose models lie in one store."""

    NAME = NAME
    VERSION = VERSION
    QUICK = QUICK

    def __init__(self, learned: Predictor) -> None:
        self._learned = learned

    def drafts(self, kind: Kind, tasks: Sequence[Mapping[str, Any]]) -> list[Draft | None]:
        """Return one draft a task, or None where neither drafts.

        A control that both fill in is the rules': they can say what they saw. `score` is the
        classifier's where it has one, so that the places of all tasks are on one scale;
        `confidence` has only controls that the classifier alone filled in.

        Raises:
            BadRow: as the rules do.
        """
        seen = rules.drafts(kind, tasks)
        learned = self._learned.drafts(kind, tasks)
        return [
            _joined(one, other if isinstance(other, Draft) else None)
            for one, other in zip(seen, learned, strict=True)
        ]

    def priorities(self, kind: Kind, tasks: Sequence[Mapping[str, Any]]) -> list[float | None]:
        """Return the classifier's place in the queue for each task; None without a model."""
        return priorities(self._learned, kind, tasks)

    @property
    def learned_from(self) -> int | None:
        """How many annotations of its project the classifier knows; 0 before `for_project`."""
        return learned_from(self._learned)

    def undrafted(self, kind: Kind, task: Mapping[str, Any]) -> str:
        """Return why the rules drafted nothing; why the classifier did not is not in the code.

        Raises:
            BadRow: as the rules do.
        """
        return rules.undrafted(kind, task)

    def for_project(self, project: str) -> Predictor:
        """Return rules and classifier with what was learned by now for one project.

        `project` is `<id>.<unix time of creation>`; later trainings do not change what is returned.
        """
        learned = for_project(self._learned, project)
        joined = Auto(learned)
        _, _, what = learned.VERSION.partition("+")
        joined.VERSION = f"{VERSION}+{what}" if what else VERSION
        return joined


def _joined(seen: Draft | None, learned: Draft | None) -> Draft | None:
    if seen is None or learned is None:
        return seen or learned
    return Draft(
        {**learned.values, **seen.values},
        seen.score if learned.score is None else learned.score,
        {name: sure for name, sure in learned.confidence.items() if name not in seen.values},
    )
