"""A tab of a project's data manager that lists given tasks, made once and then kept up to date."""

from __future__ import annotations

from collections.abc import Sequence

from goldleaf.core.json_values import object_or_empty
from goldleaf.studio.client import Studio
from goldleaf.studio.marked_tabs import filter_by, mark, marked_name, tabs_of
from goldleaf.studio.response_shapes import holding

MOST = 100
"""Tasks of one list: Label Studio filters by each id, and no person looks through more."""


def show_task_list(
    studio: Studio, project: int, name: str, title: str, tasks: Sequence[int]
) -> bool:
    """Have a tab list these tasks; return whether the tab is new.

    A tab is found again by its name, whatever it is called now; only its filters change. For no
    tasks it lists none.

    Args:
        studio: where.
        project: which project.
        name: of the list, the same in every run.
        title: of a new tab.
        tasks: ids, `MOST` at most; the list has them by id.
    """
    items = [filter_by("id", "equal", "Number", each) for each in sorted(tasks)[:MOST] or [0]]
    filters = {"conjunction": "or", "items": items}
    tabs = tabs_of(studio, project)
    for tab in tabs:
        if marked_name(tab) == name:
            changed = {**object_or_empty(tab["data"]), "filters": filters}
            studio.patch(f"/api/dm/views/{tab['id']}/", {"project": project, "data": changed})
            return False
    new = {
        "title": title,
        "type": "list",
        "target": "tasks",
        "columnsWidth": mark(name),
        "filters": filters,
    }
    body = {"project": project, "order": len(tabs), "data": new}
    studio.post("/api/dm/views/", body, shape=holding(id=int))
    return True
