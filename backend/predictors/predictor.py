"""What a predictor is: a module (or object) that drafts answers for the tasks of a kind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from goldleaf.label_configs.kind import Kind
from goldleaf.label_configs.regions import Values


@dataclass(frozen=True, slots=True)
class Draft:
    """A draft for one task.

    `values` is what the controls say, made by the kind's own `write`. `score` is Label Studio's
    queue priority (lowest first under "Uncertainty sampling"), not a confidence; `confidence` maps
    a control to the probability that its value is right, where the predictor knows one.
    """

    values: Values
    score: float | None = None
    confidence: Mapping[str, float] = field(default_factory=dict[str, float])


class Predictor(Protocol):
    """Drafts answers; never writes to disk, never calls out unless its user named an endpoint."""

    @property
    def NAME(self) -> str:
        """The name it is chosen by: its file's."""
        ...

    @property
    def VERSION(self) -> str:
        """Raised (or changed by training) when the same task could get another draft."""
        ...

    def drafts(self, kind: Kind, tasks: Sequence[Mapping[str, Any]]) -> list[Draft | None]:
        """Return one draft a task, or None where there is nothing honest to say.

        Args:
            kind: what the tasks are.
            tasks: the data of each task, as stored in Label Studio: anything may be in it.

        Raises:
            BadRow: a task cannot be read; the batch is then drafted task by task.
        """
        ...


def model_version(kind: Kind, predictor: Predictor) -> str:
    """Return the version of a predictor's drafts for a kind: `preference/1:rules/1`.

    Label Studio asks again for every task whose drafts carry another version than `/setup` said.
    """
    return f"{kind.id}:{predictor.NAME}/{predictor.VERSION}"
