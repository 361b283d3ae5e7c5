"""A tab of a project's data manager that lists given tasks, made once and then kept up to date."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from goldleaf.core.json_values import object_or_empty
from goldleaf.studio.client import Studio
from goldleaf.studio.response_shapes import holding, rows

MOST = 100
"""Tasks of one list: Label Studio filters by each id, and no person looks through more."""
_MARK = "goldleaf:"
"""Begins a mark among a tab's column widths, which Label Studio keeps whatever a person changes."""


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
    items = [
        {
            "filter": "filter:tasks:id",
            "operator": "equal",
            "type": "Number",
            "value": number,
        }
        for number in sorted(tasks)[:MOST] or [0]
    ]
    filters = {"conjunction": "or", "items": items}
    views: list[dict[str, Any]] = studio.get(
        "/api/dm/views/", {"project": project}, shape=rows("id", "data")
    )
    for view in views:
        data = object_or_empty(view["data"])
        if _MARK + name in object_or_empty(data.get("columnsWidth")):
            changed = {**data, "filters": filters}
            studio.patch(f"/api/dm/views/{view['id']}/", {"project": project, "data": changed})
            return False
    tab = {
        "title": title,
        "type": "list",
        "target": "tasks",
        "columnsWidth": {_MARK + name: 1},
        "filters": filters,
    }
    body = {"project": project, "order": len(views), "data": tab}
    studio.post("/api/dm/views/", body, shape=holding(id=int))
    return True
