"""Steer on while `goldleaf up` runs: a pass over each steered project whenever answers came in."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from goldleaf.core.errors import GoldleafError, UsageError
from goldleaf.workflows.label_studio_connection import open_studio
from goldleaf.workflows.repeat_in_thread import repeated
from goldleaf.workflows.steer import Steered, steer, steered_projects

if TYPE_CHECKING:
    from goldleaf.core.settings import Settings
    from goldleaf.studio.annotation_stream import AnnotationCounts
    from goldleaf.studio.client import Studio

LOOK = 10.0
"""Seconds between two looks at the steered projects: one short request each."""


@contextmanager
def keep_steering(
    settings: Settings,
    ended: Callable[[Steered], None],
    failed: Callable[[int | None, GoldleafError], None] = lambda project, error: None,
    *,
    look: float = LOOK,
) -> Generator[None]:
    """Steer the projects of the data directory in a thread, from entry to the end of the block.

    Args:
        settings: the data directory, and address and token of the Label Studio that runs.
        ended: called when the steering of a project ended, in the thread.
        failed: called with a project whose pass failed, and with None where the file of a steering
            is damaged; it is tried again, and told once.
        look: seconds between two looks.
    """
    with repeated(_Worker(settings, ended, failed).look, look, "goldleaf-steering"):
        yield


class _Worker:
    def __init__(
        self,
        settings: Settings,
        ended: Callable[[Steered], None],
        failed: Callable[[int | None, GoldleafError], None],
    ) -> None:
        self._settings, self._ended, self._failed = settings, ended, failed
        self._seen: dict[int, tuple[AnnotationCounts, str]] = {}
        self._told: set[int | str] = set()

    def look(self) -> None:
        """Steer every project whose answers, or whose model, changed since its last pass."""
        try:
            with open_studio(self._settings) as studio:
                for project in steered_projects(studio, self._settings, self._damaged):
                    self._one(studio, project)
        except GoldleafError:
            return  # Label Studio is busy or going down: the next look tries again

    def _damaged(self, error: UsageError) -> None:
        if error.where not in self._told:
            self._told.add(error.where)
            self._failed(None, error)

    def _one(self, studio: Studio, project: int) -> None:
        from goldleaf.studio.annotation_stream import count_annotations
        from goldleaf.studio.projects import get_project

        try:
            described = get_project(studio, project)
            mark = count_annotations(studio, project, described), str(described["model_version"])
            if self._seen.get(project) == mark:
                return
            done = steer(project, studio=studio, settings=self._settings)
            after = get_project(studio, project)
            self._seen[project] = mark[0], str(after["model_version"])
            self._told.discard(project)
            if not done.active:
                self._ended(done)
        except GoldleafError as error:
            if project not in self._told:
                self._told.add(project)
                self._failed(project, error)
