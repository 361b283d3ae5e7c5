"""Tasks page by page, by rising id: stable while others add and delete, bounded memory.

A task that Label Studio cannot give (a lone surrogate in its data makes it answer 500 for the whole
page) is found by halving and left out, by name; it costs no other task.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from goldleaf.core.errors import GoldleafError
from goldleaf.studio.client import ServerFault, Studio
from goldleaf.studio.response_shapes import paged

_ONCE_MORE = (0.5,)
"""Pauses of a page of many tasks, which may fail for the sake of one and then is halved."""
_TO_BE_SURE = (0.1, 0.2, 0.5, 1.0, 1.0)
"""Pauses of a page of one task: only what fails each time counts as unreadable."""
_HOPELESS = 100
"""Unreadable tasks in a row after which it is Label Studio that is broken, not the tasks."""


@dataclass(frozen=True, slots=True)
class UnreadableTask:
    """A task that Label Studio holds and cannot give; `answers` counts its annotations."""

    project: int
    id: int
    why: str
    answers: int

    def __str__(self) -> str:
        return f"task {self.id} of project {self.project} cannot be read: {self.why}"


Report = Callable[[UnreadableTask], None]
"""Called with each unreadable task."""


@dataclass(frozen=True, slots=True)
class _Pages:
    """How the tasks of one stream are asked for."""

    studio: Studio
    project: int
    include: Sequence[str]
    where: Sequence[Mapping[str, Any]]
    whole: bool = False

    def page(
        self, after: int, size: int, pauses: Sequence[float] | None = None
    ) -> list[dict[str, Any]]:
        behind = {
            "filter": "filter:tasks:id",
            "operator": "greater",
            "type": "Number",
            "value": after,
        }
        query = {
            "filters": {"conjunction": "and", "items": [behind, *self.where]},
            "ordering": ["tasks:id"],
        }
        wanted = {"include": ",".join(self.include)} if self.include else {}
        if self.whole or not wanted:
            wanted["fields"] = "all"
        if "annotations" in self.include:
            # One serializer for the page; else Label Studio builds one for each task, which costs
            # it twice what all the rest of a task does.
            wanted["expand"] = "annotations"
        found: list[dict[str, Any]] = self.studio.get(
            "/api/tasks/",
            {
                "project": self.project,
                "page": 1,
                "page_size": size,
                "query": json.dumps(query),
                **wanted,
            },
            shape=paged("tasks", "id", *(() if self.whole else self.include)),
            pauses=pauses,
        )["tasks"]
        return found

    def narrow(self) -> _Pages:
        """Return the same tasks without any typed text."""
        counted = ("id", "total_annotations", "cancelled_annotations")
        return replace(self, include=counted, whole=False)


def iterate_tasks(
    studio: Studio,
    project_id: int,
    *,
    after: int = 0,
    page_size: int = 1000,
    include: Sequence[str] = (),
    where: Sequence[Mapping[str, Any]] = (),
    whole: bool = False,
    unreadable: Report | None = None,
) -> Iterator[dict[str, Any]]:
    """Yield the tasks with an id over `after`, by rising id.

    Page numbers would skip or repeat tasks when others are added or deleted meanwhile; the last id
    seen does not, and it is where a broken run goes on. One thing it cannot see: on SQLite Label
    Studio gives the ids of deleted *last* tasks to new ones.

    Args:
        studio: where.
        project_id: which project.
        after: the id to start behind.
        page_size: tasks in one answer.
        include: only these fields, in narrow rows; none means the whole task with its full
            annotations and predictions.
        where: further filters of the Data Manager, all of which must hold; a computed column
            (`predictions_...`) is filled in a narrow row only when a filter names it.
        whole: fill annotations, predictions and drafts; `include` then names their fields, too
            (those of annotations as `annotations.result`). It costs a third of what a row with
            every column does.
        unreadable: called with each task that Label Studio cannot give, which is then left out.

    Raises:
        GoldleafError: a task cannot be given and `unreadable` is None; it names the task. Or over a
            hundred in a row cannot be given.
    """
    pages = _Pages(studio, project_id, include, where, whole)
    row = 0

    def reject(task: UnreadableTask) -> None:
        nonlocal row
        row += 1
        if unreadable is None:
            raise GoldleafError(
                f"Label Studio cannot give task {task.id}: {task.why}.",
                where=f"{studio.url}/projects/{project_id}/data?task={task.id}",
                fix="delete or correct this task; Label Studio's log says what is wrong with it",
            )
        if row > _HOPELESS:
            raise GoldleafError(
                f"Label Studio can give none of {row} tasks in a row: {task.why}.",
                where=f"{studio.url}/projects/{project_id}",
                fix="see its log; then run the same command again",
            )
        unreadable(task)

    last: int | None = after
    while last is not None:
        part = _part(pages, last, page_size, reject)
        try:
            while True:
                yield next(part)
                row = 0
        except StopIteration as end:
            last = end.value


def _part(
    pages: _Pages, after: int, size: int, reject: Report
) -> Generator[dict[str, Any], None, int | None]:
    """Yield up to `size` tasks behind `after`; return the last id, or None at the end."""
    try:
        page = pages.page(after, size, _TO_BE_SURE if size == 1 else _ONCE_MORE)
    except ServerFault as error:
        if not error.status:
            raise
        problem = error.problem
    else:
        yield from page
        return None if len(page) < size else int(page[-1]["id"])
    # Where these rows fail too, it is Label Studio that is broken: that is for the caller.
    there = pages.narrow().page(after, size)
    if not there:
        return None
    first, last = there[0], int(there[-1]["id"])
    if size == 1:
        counts = (first.get(name) for name in ("total_annotations", "cancelled_annotations"))
        reject(UnreadableTask(pages.project, first["id"], problem, sum(n or 0 for n in counts)))
    else:
        half = max(1, len(there) // 2)
        middle = int(there[half - 1]["id"])
        yield from _until(_part(pages, after, half, reject), middle)
        if half < len(there):
            yield from _until(_part(pages, middle, len(there) - half, reject), last)
    return None if len(there) < size else last


def _until(tasks: Iterator[dict[str, Any]], last: int) -> Iterator[dict[str, Any]]:
    """Stop behind an id: asked for anew, a page may reach further if tasks were deleted."""
    for task in tasks:
        if task["id"] <= last:
            yield task


def last_changed_task(studio: Studio, project_id: int) -> dict[str, Any]:
    """Return `id` and `updated_at` of the task that changed last (answers count as changes).

    {} for a project without tasks.
    """
    page = studio.get(
        "/api/tasks/",
        {
            "project": project_id,
            "page": 1,
            "page_size": 1,
            "query": json.dumps({"ordering": ["-tasks:updated_at"]}),
            "include": "id,updated_at",
        },
        shape=paged("tasks", "id"),
    )["tasks"]
    return page[0] if page else {}
