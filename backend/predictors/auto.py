"""Rules and classifier together: what rules see stands, what else was learned comes beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from goldleaf.backend.predictors import classifier, rules
from goldleaf.backend.predictors.predictor import Draft, Predictor, for_project, learned_from
from goldleaf.label_configs.kind import Kind

NAME = "auto"
VERSION = f"{rules.VERSION}.{classifier.VERSION}"
QUICK = True


def drafts(kind: Kind, tasks: Sequence[Mapping[str, Any]]) -> list[Draft | None]:
    """Return what the rules draft: nothing was learned yet.

    Raises:
        BadRow: as the rules do.
    """
    return rules.drafts(kind, tasks)


def opened(models: Path) -> Auto:
    """Return rules and classifier with what was learned in the folder `models`."""
    return Auto(classifier.opened(models))


class Auto:
    """Both, for every project whose models lie in one store."""

    NAME = NAME
    VERSION = VERSION
    QUICK = QUICK

    def __init__(self, learned: Predictor) -> None:
        self._learned = learned

    def drafts(self, kind: Kind, tasks: Sequence[Mapping[str, Any]]) -> list[Draft | None]:
        """Return one draft a task.

        A control that both fill in is the rule's: it can say what it saw. The place in the queue
        is the earlier of both.

        Raises:
            BadRow: as the rules do.
        """
        seen = rules.drafts(kind, tasks)
        learned = self._learned.drafts(kind, tasks)
        return [_joined(one, other) for one, other in zip(seen, learned, strict=True)]

    @property
    def learned_from(self) -> int | None:
        """How many annotations of its project the classifier knows."""
        return learned_from(self._learned)

    def undrafted(self, kind: Kind, task: Mapping[str, Any]) -> str:
        """Return why the rules saw nothing; of what was not learned `learned_from` tells.

        Raises:
            BadRow: as the rules do.
        """
        return rules.undrafted(kind, task)

    def for_project(self, project: str) -> Predictor:
        """Return both as they are now for one project."""
        learned = for_project(self._learned, project)
        joined = Auto(learned)
        _, _, what = learned.VERSION.partition("+")
        joined.VERSION = f"{VERSION}+{what}" if what else VERSION
        return joined


def _joined(seen: Draft | None, learned: Draft | None) -> Draft | None:
    if seen is None or learned is None:
        return seen or learned
    scores = [draft.score for draft in (seen, learned) if draft.score is not None]
    return Draft(
        {**learned.values, **seen.values},
        min(scores, default=None),
        {name: sure for name, sure in learned.confidence.items() if name not in seen.values},
    )
