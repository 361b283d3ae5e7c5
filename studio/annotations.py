"""What annotators said, streamed; and Label Studio's own counters to hold against it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from goldleaf.studio.client import Studio
from goldleaf.studio.projects import get_project
from goldleaf.studio.task_pages import stream


@dataclass(frozen=True, slots=True)
class AnnotationCounts:
    """A project's own counters: submitted annotations and, apart from them, skipped ones."""

    submitted: int
    skipped: int

    @property
    def all(self) -> int:
        """Every annotation that `stream_tasks` will bring."""
        return self.submitted + self.skipped


def stream_tasks(
    studio: Studio,
    project_id: int,
    *,
    after: int = 0,
    page_size: int = 100,
    only_annotated: bool = False,
) -> Iterator[dict[str, Any]]:
    """Yield whole tasks by rising id, each with full `annotations`, `predictions` and `meta`.

    A skipped task comes along like any other: as an annotation with `was_cancelled` true, which
    may hold the whole pre-filled draft. Who must not use it says so himself.

    Args:
        studio: where.
        project_id: which project; an unknown one is a UsageError.
        after: the id to start behind: the last one seen by a run that was broken off.
        page_size: tasks in memory at a time.
        only_annotated: leave out tasks that nobody submitted or skipped.
    """
    get_project(studio, project_id)
    for task in stream(studio, project_id, after=after, page_size=page_size):
        if task["annotations"] or not only_annotated:
            yield task


def count_annotations(studio: Studio, project_id: int) -> AnnotationCounts:
    """Return the project's counters, which Label Studio keeps apart from the list of tasks."""
    project = get_project(studio, project_id)
    return AnnotationCounts(
        submitted=int(project["total_annotations_number"] or 0),
        skipped=int(project["skipped_annotations_number"] or 0),
    )
