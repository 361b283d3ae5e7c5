"""Tabs of a project's data manager that goldleaf made, found again whatever they are called now.

Each carries a mark among its column widths, which Label Studio's pages keep whatever else a lead
changes in it. So none is made twice, and none that was changed is made as it was.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from goldleaf.core.json_values import object_or_empty
from goldleaf.studio.client import Studio
from goldleaf.studio.response_shapes import rows

Filter = dict[str, Any]
_MARK = "goldleaf:"


def filter_by(field: str, operator: str, kind: str, value: object) -> Filter:
    """Return a filter of a tab: `field` of a task, as Label Studio names operator and type."""
    return {
        "filter": f"filter:tasks:{field}",
        "operator": operator,
        "type": kind,
        "value": value,
    }


def mark(name: str) -> dict[str, int]:
    """Return the column width that marks a tab with a name."""
    return {_MARK + name: 1}


def tabs_of(studio: Studio, project: int) -> list[dict[str, Any]]:
    """Return all tabs of a project, other people's too."""
    found: list[dict[str, Any]] = studio.get(
        "/api/dm/views/", {"project": project}, shape=rows("id", "data")
    )
    return found


def marked_name(tab: Mapping[str, Any]) -> str:
    """Return the name that a tab is marked with, "" for one that somebody else made."""
    widths = object_or_empty(object_or_empty(tab["data"]).get("columnsWidth"))
    names = (key.removeprefix(_MARK) for key in widths if str(key).startswith(_MARK))
    return next(names, "")
