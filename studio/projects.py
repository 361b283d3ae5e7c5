"""Create a Label Studio project from a kind; find the kind of a project."""

from __future__ import annotations

import time
import uuid
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any, cast

from goldleaf.core.error_translation import translate_error
from goldleaf.core.errors import BadRow, StudioUnreachable, UsageError
from goldleaf.core.translations import Translations
from goldleaf.label_configs.config_mismatch import nearest_kind
from goldleaf.label_configs.kind import Kind
from goldleaf.label_configs.registry import kinds, recognise
from goldleaf.label_configs.safe_html import guide_html
from goldleaf.studio.client import RequestRejected, Studio, Unauthorized
from goldleaf.studio.data_manager_views import add_tabs
from goldleaf.studio.response_shapes import holding, paged

Project = dict[str, Any]
"""A project as Label Studio describes it."""
_PAUSES = (0.5, 1.0, 2.0)
"""Seconds before a project is looked for, and made again, whose receipt was lost."""
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

LONGEST_TITLE = 50
"""Characters of a project's title that Label Studio takes."""


def create_project(
    studio: Studio, kind: Kind, *, title: str = "", lang: str = "en", overlap: int = 1
) -> int:
    """Make a project of a kind, with the tabs of its data manager, and return its id.

    It carries a mark of this call until its id is known here. So one whose receipt was lost is
    found, and none is made twice.

    Args:
        studio: where.
        kind: its screen becomes the labeling config, its guide the instruction.
        title: what it is called; the kind's own title by default (3 to 50 characters).
        lang: `en` or `zh`.
        overlap: how many annotators answer each task.

    Raises:
        UsageError: the title is too short or too long, or no annotator is to answer.
        RequestRejected: Label Studio will not take the screen, with its reason.
        StudioUnreachable: it failed again and again; the message says if one may have been made.
    """
    guide, config = guide_html(kind.guide(lang)), kind.config(lang)
    project = create_configured(studio, title or kind.title(lang), config, guide, overlap=overlap)
    with suppress(StudioUnreachable):  # people can work without; goldleaf project tabs makes them
        add_tabs(studio, project, config, lang)
    return project


def create_configured(
    studio: Studio, title: str, config: str, guide: str, *, overlap: int = 1, note: str = ""
) -> int:
    """Make a project of a labeling config and return its id; else as `create_project`.

    Args:
        studio: where.
        title: what it is called (3 to 50 characters).
        config: the labeling config.
        guide: the instruction, as HTML.
        overlap: how many annotators answer each task.
        note: its description.

    Raises:
        UsageError: as for `create_project`, and the same other errors.
    """
    if not 3 <= len(title) <= LONGEST_TITLE:
        raise UsageError("A title has 3 to 50 characters.", where=title, fix="choose another")
    if overlap < 1:
        raise UsageError("At least one annotator must answer a task.", fix="give 1 or more")
    mark = f"goldleaf {uuid.uuid4()}"
    project = _made_once(
        studio,
        {
            "title": title,
            "description": mark,
            "label_config": config,
            **project_settings(guide),
            "maximum_annotations": overlap,
        },
        mark,
    )
    with suppress(StudioUnreachable):  # the mark is of no more use, and does no harm
        studio.patch(f"/api/projects/{project}/", {"description": note})
    return project


def project_settings(guide: str) -> dict[str, Any]:
    """Return how a project of ours is set, whatever its screen; `guide` is HTML."""
    return {
        "expert_instruction": guide,
        "show_instruction": True,
        "show_skip_button": True,
        "enable_empty_annotation": False,
        # Only with this does a prediction's score order the queue.
        "sampling": "Uncertainty sampling",
    }


def _made_once(studio: Studio, body: Mapping[str, Any], mark: str) -> int:
    """Have a project made; where the receipt is lost, look for its mark before asking again."""
    lost = False
    for pause in (*_PAUSES, None):
        try:
            made = int(studio.post("/api/projects/", body, shape=holding(id=int))["id"])
        except Unauthorized:
            raise
        except StudioUnreachable:
            lost = True
            time.sleep(pause or 0.0)
            if (found := _first_marked(studio, mark, body["title"])) is not None:
                return found
            if pause is None:
                raise
        else:
            # A request that was given up may have been acted on since.
            first = _first_marked(studio, mark, body["title"]) if lost else None
            return made if first is None else first
    raise AssertionError("the last attempt raises")


def _first_marked(studio: Studio, mark: str, title: str) -> int | None:
    """Return the first project with a mark; a later one is empty and is deleted."""
    try:
        marked = [
            int(project["id"])
            for project in list_projects(studio)
            if project.get("description") == mark
        ]
        for again in marked[1:]:
            studio.delete(f"/api/projects/{again}/")
    except StudioUnreachable as error:
        raise StudioUnreachable(
            f"{error.what} A project called {title!r} may have been made.",
            where=error.where,
            fix="look for it with goldleaf project list, before you make it again",
        ) from error
    return marked[0] if marked else None


def get_project(studio: Studio, project_id: int) -> Project:
    """Return a project as Label Studio describes it.

    Among others it has `id`, `label_config`, `created_at`, `model_version`, `task_number` and
    `total_annotations_number`; the last three may be None.

    Raises:
        UsageError: there is none of that id; else errors as for `Studio.get`.
    """
    try:
        return cast("Project", studio.get(f"/api/projects/{project_id}/", shape=_PROJECT))
    except RequestRejected as error:
        if error.status != 404:
            raise
        raise UsageError(
            f"There is no project {project_id} in this Label Studio.",
            where=studio.url,
            fix="the number is in the project's address: /projects/NUMBER/",
        ) from None


def list_projects(studio: Studio) -> list[Project]:
    """Return all projects of the organisation, by id, as Label Studio's list describes them."""
    found: list[Project] = []
    page = 1
    while True:
        answer = studio.get("/api/projects/", {"page": page, "page_size": 100}, shape=_PROJECTS)
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


def project_kind(studio: Studio, project_id: int, described: Project | None = None) -> Kind:
    """Return the kind that a project's screen belongs to.

    Args:
        studio: where.
        project_id: which project.
        described: the project as `get_project` returned it; it is asked for if not given.

    Raises:
        UsageError: there is no such project, or its screen is none of ours.
    """
    config = (described or get_project(studio, project_id))["label_config"]
    try:
        kind = recognise(config)
    except BadRow:
        kind = None
    if kind is None:
        what, fix = screen_fault(config, Translations("en"))
        raise UsageError(
            f"Project {project_id}: {what}",
            where=f"{studio.url}/projects/{project_id}/settings/labeling",
            fix=fix,
        )
    return kind


def screen_fault(config: str, words: Translations) -> tuple[str, str]:
    """Return what keeps a labeling config from being of a kind, and how to fix that.

    For a config that `recognise` gives no kind for, or cannot read. Of one that is almost of a kind
    every control that differs is named.
    """
    try:
        close = nearest_kind(config)
    except BadRow as error:
        unread = words("doctor.screen_unreadable", why=translate_error(error.detail, words.lang))
        return unread, words("doctor.screen_unknown_fix", kinds=words.listed(kinds()))
    if close is None:
        fix = words("doctor.screen_unknown_fix", kinds=words.listed(kinds()))
        return words("doctor.screen_unknown"), fix
    kind, found = close
    differences = words("doctor.screen_and").join(each.text(words) for each in found)
    what = words("doctor.screen_close", kind=kind.name, differences=differences)
    return what, words("doctor.screen_close_fix", kind=kind.name)
