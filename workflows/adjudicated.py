"""The adjudicators' answers that belong to a project, found in the projects made for them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from goldleaf.core.settings import Settings

if TYPE_CHECKING:
    from goldleaf.core.input_results import InputResult
    from goldleaf.studio.client import Studio
    from goldleaf.studio.projects import Project

NOTE = "goldleaf adjudicates"
"""The line of a project's description that names the project whose conflicts it settles."""


@dataclass
class AdjudicatedAnswers:
    """The answers of one such project; `readings` may be iterated once."""

    number: int
    description: dict[str, Any]
    readings: Iterator[InputResult]


def adjudication_projects(studio: Studio, project: Project) -> list[Project]:
    """Return the projects in which conflicts of a project are settled, by number."""
    from goldleaf.studio.project_notes import note_in
    from goldleaf.studio.projects import list_projects, project_key

    key = project_key(project)
    return [each for each in list_projects(studio) if note_in(each, NOTE) == key]


def settles_another(project: Project) -> bool:
    """Return whether a project was made to settle the conflicts of another."""
    from goldleaf.studio.project_notes import note_in

    return bool(note_in(project, NOTE))


def adjudicated_answers(
    studio: Studio,
    project: Project,
    settings: Settings,
    notify: Callable[[str], None] = lambda message: None,
) -> Iterator[AdjudicatedAnswers]:
    """Yield the answers of each project in which conflicts of a project are settled.

    Args:
        studio: where.
        project: as Label Studio describes it.
        settings: hold the key of the pseudonyms.
        notify: called with what a person should know of them while they are read.
    """
    from goldleaf.workflows.export_sources import read_project

    for each in adjudication_projects(studio, project):
        number = int(each["id"])
        description: dict[str, Any] = {"project": number, "adjudicates": int(project["id"])}
        readings = read_project(studio, each, settings, description, notify, None)
        yield AdjudicatedAnswers(number, description, readings)
