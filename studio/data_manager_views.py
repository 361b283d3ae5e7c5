"""The tabs of a project's data manager: readable columns, and a tab for each state of a task.

A tab that a lead renamed or changed is found again by its mark (`marked_tabs`).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any

from goldleaf.core.json_values import object_or_empty, objects_in
from goldleaf.core.translations import Translations
from goldleaf.label_configs.table_columns import (
    ANSWERS,
    FOUND,
    KIND,
    LANGUAGE,
    SOURCE,
    unreadable_fields,
    with_table_columns,
)
from goldleaf.studio.client import Studio, StudioUnreachable, Unauthorized
from goldleaf.studio.marked_tabs import Filter, filter_by, mark, marked_name, tabs_of
from goldleaf.studio.response_shapes import holding, paged
from goldleaf.studio.task_pagination import iterate_tasks

_PAUSES = (0.5, 1.0, 2.0)
"""Seconds before tabs are looked for, and made again, whose receipt was lost."""
_DATA = "tasks:data."
_COUNTS = ("total_annotations", "cancelled_annotations")
_PEOPLE = ("completed_at", "annotators")
"""Columns of Label Studio that say when and by whom; empty in a task that is to do."""
_WIDTHS = {
    **dict.fromkeys(("answer", ANSWERS, "output"), 350),
    **{"answer_a": 190, "answer_b": 190, "chain": 240, "final": 100, "prompt": 290},
    **{FOUND: 170, KIND: 90, LANGUAGE: 100, SOURCE: 170},
}
"""Pixels of the columns that have texts: together within a window of 1366."""
_ASIDE = ("prototype", "twin")
"""Texts of a task that are most often empty."""


def _of_annotations(numbers: Iterable[int]) -> Filter:
    """Return the filter for tasks with one of these annotations; it finds no task for none."""
    return filter_by("annotations_ids", "contains", "String", ",".join(map(str, numbers)) or "0")


_ANSWERED = filter_by("total_annotations", "greater", "Number", 0)
TABS: Mapping[str, tuple[Filter, ...]] = {
    "to_do": (
        filter_by("completed_at", "empty", "Datetime", True),
        filter_by("cancelled_annotations", "equal", "Number", 0),
    ),
    "skipped": (filter_by("cancelled_annotations", "greater", "Number", 0),),
    "disagreements": (_of_annotations(()),),
    "checked": (filter_by("completed_at", "empty", "Datetime", False), _ANSWERED),
    "all": (),
}
"""The tabs in their order, and the filters of each, all of which hold.

Label Studio calls a task completed when as many people answered it as the project wants. It asks
others for one that was skipped; it is under "Skipped" until they have answered, and stays there.

The free Label Studio has no column that says whether the answers of a task differ. So the filter of
that tab lists an annotation of each such task, and `list_disagreements` keeps the list.
"""
OF_CURATION = "found"
"""The tab of tasks in which a curation found something, where a project has such tasks."""
_FOUND = (filter_by(f"data.{FOUND}", "empty", "String", False),)
ALL_TABS = (*TABS, OF_CURATION)


def add_tabs(
    studio: Studio, project: int, config: str, lang: str, only: Collection[str] = ALL_TABS
) -> list[str]:
    """Make the tabs that a project's data manager lacks; return their titles.

    A tab that a lead renamed or changed is there; one that was deleted is made again.

    Args:
        studio: where.
        project: which project.
        config: its labeling config, which says which fields are HTML.
        lang: of the titles, `en` or `zh`.
        only: names of the tabs to make, out of `ALL_TABS`.

    Raises:
        StudioUnreachable: it failed again and again; run it again.
    """
    columns = studio.get("/api/dm/columns/", {"project": project}, shape=paged("columns", "id"))
    wanted = tabs(config, lang, columns["columns"])
    made: list[str] = []
    for pause in (*_PAUSES, None):
        try:
            views = tabs_of(studio, project)
            there = {marked_name(view) for view in views}
            for place, (name, tab) in enumerate(wanted.items()):
                if name in there or name not in only:
                    continue
                # A tab with filters gets its place from Label Studio: the last.
                body = {"project": project, "order": len(views) + place, "data": tab}
                studio.post("/api/dm/views/", body, shape=holding(id=int))
                made.append(tab["title"])
        except Unauthorized:
            raise
        except StudioUnreachable:
            if pause is None:
                raise
            time.sleep(pause)
        else:
            break
    return made


def tabs(config: str, lang: str, columns: Iterable[Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """Return the tabs of a project in their order: name -> the data of Label Studio's tab.

    Args:
        config: its labeling config, which says which fields are HTML.
        lang: of the titles, `en` or `zh`.
        columns: the columns of its table as Label Studio lists them: with `id`, and those of a
            task's data with `parent`.
    """
    words = Translations(lang)
    listed = list(columns)
    built_in = [str(each["id"]) for each in listed if each.get("parent") != "data"]
    curated = any(each["id"] == FOUND and each.get("parent") == "data" for each in listed)
    html = [_DATA + field for field in (*unreadable_fields(config), *_ASIDE)]
    widths = {_DATA + field: width for field, width in _WIDTHS.items()}
    found: dict[str, dict[str, Any]] = {}
    for name, filters in {**TABS, **({OF_CURATION: _FOUND} if curated else {})}.items():
        shown = _COUNTS if name in ("to_do", OF_CURATION) else (*_COUNTS, *_PEOPLE)
        hidden = [f"tasks:{column}" for column in built_in if column not in shown]
        aside = [_DATA + field for field in (KIND, LANGUAGE)] if name == OF_CURATION else []
        found[name] = {
            "title": words(f"tab.{name}"),
            "type": "list",
            "target": "tasks",
            "columnsWidth": {**mark(name), **widths},
            "hiddenColumns": dict.fromkeys(("explore", "labeling"), hidden + html + aside),
            "filters": {"conjunction": "and", "items": [dict(each) for each in filters]},
        }
    return found


def list_disagreements(studio: Studio, project: int, annotations: Iterable[int]) -> bool:
    """Have the tab of disagreements show the tasks of these annotations; return whether it is new.

    Its other filters, title and columns stay as they are. False too where there is no such tab, or
    where a lead took that filter out of it.

    Args:
        studio: where.
        project: which project.
        annotations: one of each task whose answers differ.
    """
    wanted = _of_annotations(sorted(annotations))
    for view in tabs_of(studio, project):
        if marked_name(view) != "disagreements":
            continue
        data = object_or_empty(view["data"])
        filters = object_or_empty(data.get("filters"))
        items = [dict(each) for each in objects_in(filters.get("items"))]
        ours = [item for item in items if item.get("filter") == wanted["filter"]]
        if not ours or ours[0] == wanted:
            return False
        items[items.index(ours[0])] = wanted
        changed = {**data, "filters": {**filters, "items": items}}
        studio.patch(f"/api/dm/views/{view['id']}/", {"project": project, "data": changed})
        return True
    return False


def fill_table_columns(
    studio: Studio, project: int, progress: Callable[[int], None] = lambda tasks: None
) -> int:
    """Give tasks that an earlier goldleaf imported the plain columns of the table.

    Args:
        studio: where.
        project: which project.
        progress: called with the number of tasks seen.

    Returns:
        How many tasks were changed; 0 in a second run.
    """
    changed = 0
    tasks = iterate_tasks(studio, project, include=("id", "data"), unreadable=lambda task: None)
    for seen, task in enumerate(tasks, 1):
        data = object_or_empty(task["data"])
        now = with_table_columns(data)
        if now != data:
            studio.patch(f"/api/tasks/{task['id']}/", {"data": now})
            changed += 1
        progress(seen)
    return changed
