"""A project from a kind, and the kind of a project."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, cast

from goldleaf.core.errors import BadRow, UsageError
from goldleaf.core.words import Words
from goldleaf.label_configs.catalogue import kinds, recognise
from goldleaf.label_configs.display import guide_html
from goldleaf.label_configs.kind import Kind
from goldleaf.label_configs.near_miss import near_miss
from goldleaf.studio.client import Refused, Studio
from goldleaf.studio.shapes import holding, paged

Project = dict[str, Any]
"""A project as Label Studio describes it."""
_NUMBER = (int, type(None))
_PROJECT = holding(
    id=int,
    label_config=str,
    created_at=str,
    model_version=(str, type(None)),
    expert_instruction=(str, type(None)),
    task_number=_NUMBER,
    total_annotations_number=_NUMBER,
    skipped_annotations_number=_NUMBER,
)
_PROJECTS = paged("results", "id", "label_config", "created_at")


def create_project(
    studio: Studio, kind: Kind, *, title: str = "", lang: str = "en", overlap: int = 1
) -> int:
    """Make a project of a kind and return its id.

    Args:
        studio: where.
        kind: its screen becomes the labeling config, its guide the instruction.
        title: what it is called; the kind's own title by default (3 to 50 characters).
        lang: `en` or `zh`.
        overlap: how many annotators answer each task.

    Raises:
        UsageError: the title is too short or too long, or nobody is to answer.
        Refused: Label Studio will not take the screen, with its reason.
    """
    title = title or kind.title(lang)
    if not 3 <= len(title) <= 50:
        raise UsageError("A title has 3 to 50 characters.", where=title, fix="choose another")
    if overlap < 1:
        raise UsageError("At least one annotator must answer a task.", fix="give 1 or more")
    project = studio.post(
        "/api/projects",
        {
            "title": title,
            "label_config": kind.config(lang),
            "expert_instruction": guide_html(kind.guide(lang)),
            "show_instruction": True,
            "show_skip_button": True,
            "enable_empty_annotation": False,
            # Only with this does a prediction's score order the queue.
            "sampling": "Uncertainty sampling",
            "maximum_annotations": overlap,
        },
        shape=holding(id=int),
    )
    return int(project["id"])


def get_project(studio: Studio, project_id: int) -> Project:
    """Return a project as Label Studio describes it.

    Raises:
        UsageError: there is none of that id.
    """
    try:
        return cast("Project", studio.get(f"/api/projects/{project_id}", shape=_PROJECT))
    except Refused as error:
        if error.status != 404:
            raise
        raise UsageError(
            f"There is no project {project_id} in this Label Studio.",
            where=studio.url,
            fix="the number is in the project's address: /projects/NUMBER/",
        ) from None


def list_projects(studio: Studio) -> list[Project]:
    """Return all projects of the organisation, by id."""
    found: list[Project] = []
    page = 1
    while True:
        answer = studio.get("/api/projects", {"page": page, "page_size": 100}, shape=_PROJECTS)
        found += answer["results"]
        if not answer.get("next"):
            return sorted(found, key=lambda project: project["id"])
        page += 1


def project_key(project: Mapping[str, Any]) -> str:
    """Return the name that Label Studio gives a project towards its backends: `<id>.<created>`.

    An id alone is not enough: after a deletion SQLite gives the last one again.
    """
    created = datetime.fromisoformat(str(project["created_at"]).replace("Z", "+00:00"))
    return f"{project['id']}.{int(created.timestamp())}"


def project_kind(studio: Studio, project_id: int) -> Kind:
    """Return the kind that a project's screen belongs to.

    Raises:
        UsageError: there is no such project, or its screen is none of ours.
    """
    config = get_project(studio, project_id)["label_config"]
    try:
        kind = recognise(config)
    except BadRow:
        kind = None
    if kind is None:
        what, fix = screen_fault(config, Words("en"))
        raise UsageError(
            f"Project {project_id}: {what}",
            where=f"{studio.url}/projects/{project_id}/settings/labeling",
            fix=fix,
        )
    return kind


def screen_fault(config: str, words: Words) -> tuple[str, str]:
    """Return what keeps a labeling config from being of a kind, and how to fix that.

    Of a config that is almost of a kind every control that differs is named.
    """
    try:
        close = near_miss(config)
    except BadRow as error:
        unread = words("doctor.screen_unreadable", why=error.detail)
        return unread, words("doctor.screen_unknown_fix", kinds=words.listed(kinds()))
    if close is None:
        fix = words("doctor.screen_unknown_fix", kinds=words.listed(kinds()))
        return words("doctor.screen_unknown"), fix
    kind, found = close
    differences = words("doctor.screen_and").join(each.text(words) for each in found)
    what = words("doctor.screen_close", kind=kind.name, differences=differences)
    return what, words("doctor.screen_close_fix", kind=kind.name)
