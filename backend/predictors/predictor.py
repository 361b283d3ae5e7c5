"""What a predictor is: a module (or object) that drafts answers for the tasks of a kind."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, cast

from goldleaf.core.errors import BadRow
from goldleaf.core.json_values import object_or_empty
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
    """Drafts answers; never writes to disk, never calls out unless its user named an endpoint.

    A predictor that learns also has `opened(models: Path) -> Predictor` next to its NAME, and what
    that returns has `for_project(project: str) -> Predictor` and `learned_from`, the number of
    annotations it knows: see `classifier`. One that can say why a task got no draft has
    `undrafted`: see `rules`; one that orders the queue has `priorities`: see `classifier`. One with
    `WHOLE_TASKS = True` gets Label Studio's task objects, one with `for_config(project, config)`
    the labeling config: see `label_studio_ml.foreign_model`. One with
    `in_context(context: Mapping[str, Any]) -> Predictor` gets what an annotator's open task holds,
    where drafts are asked for from there: `in_context` below. One that needs at most milliseconds
    for a task, and neither network nor another process, says `QUICK = True`: a server then answers
    small requests without a thread, and all others in turn.
    """

    @property
    def NAME(self) -> str:
        """The name by which a user chooses the predictor: that of its file."""
        ...

    @property
    def VERSION(self) -> str:
        """Version of the drafts; another one when the same task could get another draft.

        Label Studio then asks for drafts again. Training changes it, too.
        """
        ...

    def drafts(
        self, kind: Kind, tasks: Sequence[Mapping[str, Any]]
    ) -> Sequence[Draft | BadRow | None]:
        """Return one draft a task, None where there is nothing honest to say, or why it has none.

        Args:
            kind: what the tasks are.
            tasks: the data of each task, as stored in Label Studio: anything may be in it.

        Raises:
            BadRow: a task cannot be read; the batch is then drafted task by task.
        """
        ...


def for_project(predictor: Predictor, project: str, config: str = "") -> Predictor:
    """Return who drafts for a project: the predictor with what it learned there, or as it is.

    What comes back keeps its version while it is held, so that drafts and version fit together.

    Args:
        predictor: who was chosen for all projects.
        project: `<id>.<unix time of creation>`, as Label Studio names one to its backends. An id
            alone would hand the model of a deleted project to the next one.
        config: the project's labeling config, for a predictor that has `for_config`.
    """
    if config and (for_config := getattr(predictor, "for_config", None)):
        return cast("Predictor", for_config(project, config))
    learned = getattr(predictor, "for_project", None)
    return cast("Predictor", learned(project)) if learned else predictor


def in_context(predictor: Predictor, context: Mapping[str, Any] | None) -> Predictor:
    """Return who drafts for one interactive request; `predictor` itself if that makes no odds.

    Args:
        predictor: who drafts for the project.
        context: what Label Studio's editor sent along, such as `result`: the regions on the screen,
            anything may be in it. None for a request that is not interactive.
    """
    chosen = getattr(predictor, "in_context", None)
    return cast("Predictor", chosen(context)) if chosen and context else predictor


def undrafted(predictor: Predictor, kind: Kind, task: object) -> str:
    """Return why a predictor drafted nothing for a task: a code, `nothing_to_say` if it has none.

    Args:
        predictor: who was asked.
        kind: what the task is.
        task: Label Studio's task object, for which the predictor returned None.
    """
    return str(_said_of(predictor, "undrafted", kind, task, "nothing_to_say"))


def unfinished(predictor: Predictor, kind: Kind, task: object) -> bool:
    """Return whether a predictor may draft more for a task when it is asked again, later.

    Args:
        predictor: who was asked.
        kind: what the task is.
        task: Label Studio's task object.
    """
    return bool(_said_of(predictor, "unfinished", kind, task, False))


def _said_of(predictor: Predictor, method: str, kind: Kind, task: object, otherwise: Any) -> Any:
    """Return what an optional method says of a task's data; else `otherwise`, for a bad row too."""
    own = cast("Callable[[Kind, Mapping[str, Any]], Any] | None", getattr(predictor, method, None))
    try:
        data = object_or_empty(object_or_empty(task).get("data"))
        return own(kind, data) if own else otherwise
    except BadRow:
        return otherwise


def priorities(
    predictor: Predictor, kind: Kind, tasks: Sequence[Mapping[str, Any]]
) -> list[float | None]:
    """Return each task's place in the queue, drafted or not: the least comes first.

    0 to 1, as Label Studio's import takes no other score. None for all if the predictor has no
    `priorities` of its own, and for tasks that it cannot read.
    """
    own = cast(
        "Callable[[Kind, Sequence[Mapping[str, Any]]], list[float | None]] | None",
        getattr(predictor, "priorities", None),
    )
    return own(kind, tasks) if own else [None for _ in tasks]


def learned_from(predictor: Predictor) -> int | None:
    """Return how many annotations a project's predictor learned from; None if it never learns."""
    return cast("int | None", getattr(predictor, "learned_from", None))


def model_version(kind: Kind, predictor: Predictor) -> str:
    """Return the version of a predictor's drafts for a kind: `preference/1:rules/8`.

    Label Studio asks again for every task whose drafts have another version than `/setup` returned.
    """
    return f"{kind.id}:{predictor.NAME}/{predictor.VERSION}"
