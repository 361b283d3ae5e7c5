"""Stream the annotations of a project; Label Studio's own counters to compare with."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from goldleaf.core.errors import GoldleafError
from goldleaf.studio.client import Studio
from goldleaf.studio.projects import Project, get_project
from goldleaf.studio.response_shapes import rows
from goldleaf.studio.task_pagination import Report, iterate_tasks, last_changed_task

_WHOLE = (
    *("id", "project", "data", "meta", "annotations"),
    *("is_labeled", "total_annotations", "cancelled_annotations", "created_at", "updated_at"),
)
"""What a whole task has; each further column costs Label Studio time for every row."""
_ANNOTATION = (
    *("result", "completed_by", "was_cancelled", "ground_truth", "lead_time", "unique_id"),
    *("prediction", "parent_prediction", "parent_annotation", "task", "draft_created_at"),
)
"""What an annotation has, beside what a task has as well."""
_WITHIN = (*_ANNOTATION, "model_version", "score", "cluster", "annotation", "user")
"""What predictions and drafts have, too; `include` narrows them as well."""
_INCLUDED = (
    *_WHOLE,
    *(f"annotations.{name}" for name in ("id", "project", "created_at", "updated_at")),
    *(f"annotations.{name}" for name in _ANNOTATION),
    *_WITHIN,
)
_SLOW = ("predictions", "drafts")
"""What costs Label Studio as much for every row of a page as all the rest."""
_TOTAL = {"filter": "filter:tasks:total_annotations", "type": "Number", "value": 0}
_WITH_DRAFTS = {
    "filter": "filter:tasks:draft_exists",
    "operator": "equal",
    "type": "Boolean",
    "value": True,
}
_TOGETHER = 20_000
"""Predictions asked for at once: a list of them costs Label Studio a tenth of what they cost within
their tasks, but comes in one answer, which took 3 s for 10,000."""
_SUBMITTED = {**_TOTAL, "operator": "greater"}
_UNANSWERED = {**_TOTAL, "operator": "equal"}


@dataclass(frozen=True, slots=True)
class AnnotationCounts:
    """A project's own counters: submitted annotations and, apart from them, skipped ones."""

    submitted: int
    skipped: int

    @property
    def all(self) -> int:
        """How many annotations `stream_tasks` will bring: submitted and skipped ones."""
        return self.submitted + self.skipped


@dataclass(frozen=True, slots=True)
class StateMark:
    """The state of a project's answers: its counters, and which task changed last, and when.

    `task` and `updated_at` (ISO 8601) are None for a project without tasks. Compare marks with
    `==`.
    """

    counts: AnnotationCounts
    task: int | None
    updated_at: str | None


def stream_tasks(
    studio: Studio,
    project_id: int,
    *,
    after: int = 0,
    page_size: int = 500,
    only_annotated: bool = False,
    only_submitted: bool = False,
    answers: int = 1,
    described: Project | None = None,
    unreadable: Report | None = None,
) -> Iterator[dict[str, Any]]:
    """Yield whole tasks by rising id, each with `annotations`, `predictions`, `drafts` and `meta`.

    A skipped task comes along like any other: as an annotation with `was_cancelled` true, which may
    hold the whole pre-filled draft. A caller that must not use it has to check that.

    Args:
        studio: where.
        project_id: which project; an unknown one is a UsageError.
        after: the id to start behind: the last one seen by a run that was broken off.
        page_size: tasks in memory at a time.
        only_annotated: leave out tasks without a submitted or skipped annotation.
        only_submitted: leave out tasks without a submitted annotation, skipped ones too. Label
            Studio does the sorting out, so what is left out costs nothing.
        answers: with `only_submitted`, leave out tasks with fewer submitted annotations.
        described: the project as `get_project` returned it; it is asked for if not given.
        unreadable: called with each task that Label Studio cannot give; an error without it.

    Raises:
        GoldleafError: a task cannot be given and `unreadable` is None; else errors as for
            `Studio.get`.
    """
    described = described or get_project(studio, project_id)
    # A few answers of a large project do not pay for the drafts of all its tasks.
    apart = {} if only_submitted else _apart(studio, described, after)
    tasks = iterate_tasks(
        studio,
        project_id,
        after=after,
        page_size=page_size,
        include=(*_INCLUDED, *(() if apart else _SLOW)),
        where=({**_SUBMITTED, "value": answers - 1},) if only_submitted else (),
        whole=True,
        unreadable=unreadable,
    )
    for task in tasks:
        if task["annotations"] or not only_annotated:
            yield {**task, **{name: found.get(task["id"], []) for name, found in apart.items()}}


def _apart(studio: Studio, described: Project, after: int) -> dict[str, dict[int, list[Any]]]:
    """Return a project's predictions and drafts by task; nothing where each page should have them.

    Pages should where there are too many to be held at once, and where one of them cannot be given.
    """
    if int(described.get("total_predictions_number") or 0) > _TOGETHER:
        return {}
    project_id = int(described["id"])
    predictions: dict[int, list[Any]] = {}
    try:
        query = {"project": project_id}
        for each in studio.get("/api/predictions/", query, shape=rows("id", "task"), pauses=(0.5,)):
            predictions.setdefault(each["task"], []).append(each)
        drafted = iterate_tasks(
            *(studio, project_id),
            after=after,
            include=("id", "drafts", *_WITHIN),
            where=(_WITH_DRAFTS,),
            whole=True,
        )
        drafts = {task["id"]: task["drafts"] for task in drafted}
    except GoldleafError:
        return {}
    return {"predictions": predictions, "drafts": drafts}


def next_unanswered(
    studio: Studio, project_id: int, limit: int, *, unreadable: Report | None = None
) -> list[dict[str, Any]]:
    """Return up to `limit` tasks without a submitted annotation, by rising id.

    Each has `id` and `data` only. Tasks that were only skipped count as unanswered.

    Args:
        studio: where.
        project_id: which project.
        limit: at least 1.
        unreadable: as for `iterate_tasks`.
    """
    size = min(limit, 500)
    found = iterate_tasks(
        studio,
        project_id,
        page_size=size,
        include=("id", "data"),
        where=(_UNANSWERED,),
        unreadable=unreadable,
    )
    return list(islice(found, limit))


def state_mark(studio: Studio, project_id: int, described: Project | None = None) -> StateMark:
    """Return a mark that changes when an annotation is submitted, changed, skipped or deleted.

    Two short requests, however large the project; one where it was just `described`. It may also
    change without a cause, so a change means no more than to look again.
    """
    counts = count_annotations(studio, project_id, described)
    last = last_changed_task(studio, project_id)
    return StateMark(counts, last.get("id"), last.get("updated_at"))


def count_annotations(
    studio: Studio, project_id: int, described: Project | None = None
) -> AnnotationCounts:
    """Return the project's counters, which Label Studio keeps apart from the list of tasks.

    As they are now, or as they were when the project was `described`.
    """
    project = described or get_project(studio, project_id)
    return AnnotationCounts(
        submitted=int(project["total_annotations_number"] or 0),
        skipped=int(project["skipped_annotations_number"] or 0),
    )
