"""What Label Studio holds of a project's predictions: counts, by task, doubles; which it shows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from goldleaf.studio.client import Studio
from goldleaf.studio.projects import get_project
from goldleaf.studio.response_shapes import counters, rows
from goldleaf.studio.task_pagination import iterate_tasks

_VERSIONS = "predictions_model_versions"
_DRAFTED = {
    "filter": f"filter:tasks:{_VERSIONS}",
    "operator": "empty",
    "type": "List",
    "value": False,
}
_SEVERAL = {
    "filter": "filter:tasks:total_predictions",
    "operator": "greater",
    "type": "Number",
    "value": 1,
}
_CUT = 500
"""Where Label Studio cuts a list of versions off, without a sign."""


def without_version(version: str) -> dict[str, Any]:
    """Return the filter of the tasks whose list of model versions has no such text in it."""
    return {**_DRAFTED, "operator": "not_contains", "value": version}


def counts_by_version(studio: Studio, project_id: int) -> dict[str, int]:
    """Return how many predictions of each model version a project has; one cheap request."""
    return dict(studio.get(f"/api/projects/{project_id}/model-versions/", shape=counters))


def versions_by_task(studio: Studio, project_id: int, tasks: Iterable[Any]) -> dict[Any, set[str]]:
    """Return the model versions that tasks of the project have predictions of, of those given.

    A task that is not in the project is left out.
    """
    wanted = {task for task in tasks if isinstance(task, int) and not isinstance(task, bool)}
    if not wanted:
        return {}
    last = {
        "filter": "filter:tasks:id",
        "operator": "less_or_equal",
        "type": "Number",
        "value": max(wanted),
    }
    after = min(wanted) - 1
    found: dict[Any, set[str]] = {
        row["id"]: set()
        for row in iterate_tasks(studio, project_id, after=after, include=("id",), where=(last,))
        if row["id"] in wanted
    }
    where, include = (_DRAFTED, last), ("id", _VERSIONS)
    for row in iterate_tasks(studio, project_id, after=after, include=include, where=where):
        if row["id"] not in wanted:
            continue
        listed = row[_VERSIONS]
        if len(listed) < _CUT:
            versions = listed.split(",")
        else:
            listing = studio.get("/api/predictions/", {"task": row["id"]}, shape=rows("id"))
            versions = [str(each.get("model_version") or "") for each in listing]
        found[row["id"]] = {version.strip() for version in versions}
    return found


def remove_doubles(
    studio: Studio, project_id: int, version: str, tasks: frozenset[int] | None = None
) -> int:
    """Remove predictions where a task has several of a version; return how many.

    Only tasks with several predictions are read, by Label Studio's own counter. What an answer was
    begun from stays; else the oldest that drafts something.

    Args:
        studio: where.
        project_id: which project.
        version: whose predictions.
        tasks: of which tasks; of all if not given.
    """
    removed = 0
    include = ("id", "predictions", "annotations", "model_version")
    for task in iterate_tasks(
        *(studio, project_id),
        include=include,
        where=(_SEVERAL,),
        whole=True,
        unreadable=lambda task: None,
    ):
        if tasks is not None and task["id"] not in tasks:
            continue
        begun = {each.get("parent_prediction") for each in task["annotations"]}
        same = [each for each in task["predictions"] if each.get("model_version") == version]

        for double in sorted(same, key=lambda each: _kept_first(each, begun))[1:]:
            if double["id"] not in begun:
                studio.delete(f"/api/predictions/{double['id']}/")
                removed += 1
    return removed


def _kept_first(prediction: Mapping[str, Any], begun: set[Any]) -> tuple[bool, bool, int]:
    return prediction["id"] not in begun, not prediction["result"], prediction["id"]


def show_version(studio: Studio, project_id: int, version: str) -> None:
    """Make `version`, of which there are predictions, the one annotators see first.

    It also orders the queue: with uncertainty sampling the lowest score of this version comes next.
    """
    if get_project(studio, project_id)["model_version"] != version:
        studio.patch(f"/api/projects/{project_id}/", {"model_version": version})
