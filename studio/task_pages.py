"""Tasks page by page, by rising id: stable while others add and delete, bounded memory."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from goldleaf.studio.client import Studio


def stream(
    studio: Studio,
    project_id: int,
    *,
    after: int = 0,
    page_size: int = 1000,
    include: Sequence[str] = (),
    where: Sequence[Mapping[str, Any]] = (),
) -> Iterator[dict[str, Any]]:
    """Yield the tasks with an id over `after`.

    Page numbers would skip or repeat tasks when others are added or deleted meanwhile; the last id
    seen does not, and it is where a broken run goes on. One thing it cannot see: on SQLite Label
    Studio gives the ids of deleted *last* tasks to new ones.

    Args:
        studio: where.
        project_id: which project.
        after: the id to start behind.
        page_size: tasks in one answer.
        include: only these fields, in narrow rows; none means the whole task with its full
            annotations and predictions.
        where: further filters of the Data Manager; a computed column (`predictions_...`) is filled
            in a narrow row only when a filter names it.
    """
    wanted = {"include": ",".join(include)} if include else {"fields": "all"}
    while True:
        behind = {
            "filter": "filter:tasks:id",
            "operator": "greater",
            "type": "Number",
            "value": after,
        }
        query = {
            "filters": {"conjunction": "and", "items": [behind, *where]},
            "ordering": ["tasks:id"],
        }
        page: list[dict[str, Any]] = studio.get(
            "/api/tasks",
            {
                "project": project_id,
                "page": 1,
                "page_size": page_size,
                "query": json.dumps(query),
                **wanted,
            },
        )["tasks"]
        yield from page
        if len(page) < page_size:
            return
        after = int(page[-1]["id"])


def newest(studio: Studio, project_id: int) -> dict[str, Any]:
    """Return the task that changed last (answers count as changes), or an empty one."""
    page = studio.get(
        "/api/tasks",
        {
            "project": project_id,
            "page": 1,
            "page_size": 1,
            "query": json.dumps({"ordering": ["-tasks:updated_at"]}),
            "include": "id,updated_at",
        },
    )["tasks"]
    return page[0] if page else {}
