"""Ask further people while `goldleaf up` runs, where the answers that came in disagree."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from goldleaf.core.errors import GoldleafError
from goldleaf.workflows.label_studio_connection import open_studio
from goldleaf.workflows.repeat_in_thread import repeated

if TYPE_CHECKING:
    from goldleaf.core.settings import Settings
    from goldleaf.studio.annotation_stream import AnnotationCounts

LOOK = 30.0
"""Seconds between two looks: one request for all projects, and one for each that asks further."""


@contextmanager
def keep_overlap(
    settings: Settings,
    failed: Callable[[GoldleafError], None] = lambda error: None,
    *,
    look: float = LOOK,
) -> Generator[None]:
    """Do what `goldleaf project overlap` does, for every project that keeps `--adaptive`.

    In a thread, from entry to the end of the block, whenever answers came in.

    Args:
        settings: address and token of the Label Studio that runs.
        failed: called with what failed, in the thread; it is tried again, and told once.
        look: seconds between two looks.
    """
    seen: dict[int, AnnotationCounts] = {}
    told: set[str] = set()

    def ask_further() -> None:
        try:
            look_once(settings, seen)
            told.clear()
        except GoldleafError as error:
            if error.what not in told:
                told.add(error.what)
                failed(error)

    with repeated(ask_further, look, "goldleaf-overlap"):
        yield


def look_once(settings: Settings, seen: dict[int, AnnotationCounts]) -> list[int]:
    """Ask further in the projects whose answers are not those in `seen`; return which these were.

    Raises:
        GoldleafError: Label Studio does not answer, or a project's answers cannot be read.
    """
    from goldleaf.studio.annotation_stream import count_annotations
    from goldleaf.studio.overlap import kept_overlap
    from goldleaf.studio.projects import list_projects
    from goldleaf.workflows.project_overlap import share_open_project

    changed: list[int] = []
    with open_studio(settings) as studio:
        for project in list_projects(studio):
            wanted = kept_overlap(project)
            if wanted is None or not wanted.at_most:
                continue
            number = int(project["id"])
            counts = count_annotations(studio, number)
            if seen.get(number) != counts:
                share_open_project(studio, number, wanted, settings)
                seen[number] = counts
                changed.append(number)
    return changed
