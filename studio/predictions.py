"""Drafts into a project: checked by us before, counted by Label Studio's own numbers after."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from goldleaf.core.errors import BadRow, GoldleafError, UsageError
from goldleaf.label_configs.regions import to_values
from goldleaf.label_configs.screen import Screen, parse
from goldleaf.studio.client import Studio
from goldleaf.studio.projects import get_project
from goldleaf.studio.task_pages import stream

CHUNK = 500
"""Predictions in one request: Label Studio's own batch."""
_VERSIONS = "predictions_model_versions"
_DRAFTED = {
    "filter": f"filter:tasks:{_VERSIONS}",
    "operator": "empty",
    "type": "List",
    "value": False,
}
_CUT = 500
"""Where Label Studio cuts a list of versions off, without a sign."""


@dataclass(frozen=True, slots=True)
class StoreOutcome:
    """What storing did; `stored` + `already_there` + rejected = predictions given.

    Attributes:
        stored: predictions that are new.
        already_there: the task had one of that model version, before or earlier in the input.
        rejected: (task id, why) of each prediction that the project's screen cannot show.
    """

    stored: int
    already_there: int
    rejected: tuple[tuple[Any, BadRow], ...] = ()


def store_predictions(
    studio: Studio, project_id: int, predictions: Sequence[Mapping[str, Any]]
) -> StoreOutcome:
    """Store predictions in bulk; a task keeps one for each model version, the first.

    Label Studio answers 201 also when it stored none, so its answer is not believed: the number of
    predictions of each version is asked for before and after. When all are of one version, it
    becomes the one that annotators see and that orders the queue.

    Args:
        studio: where.
        project_id: which project; an unknown one is a UsageError.
        predictions: each `{"task", "result", "score", "model_version"}`.

    Raises:
        GoldleafError: Label Studio stored fewer than it was given; the message names the tasks.
        UsageError: a model version that Label Studio's lists could not tell apart.
    """
    project = get_project(studio, project_id)
    screen = parse(project["label_config"])
    versions = {str(each.get("model_version") or "") for each in predictions}
    for version in versions:
        if not version or set(version) & set(',"') or version != version.strip():
            raise UsageError(
                f"{version!r} cannot name a model version.",
                fix="give every prediction one: a short text without commas and quotes",
            )
    have = _have(studio, project_id)
    rejected: list[tuple[Any, BadRow]] = []
    fresh: list[dict[str, Any]] = []
    already_there = 0
    for given in predictions:
        task, version = given.get("task"), str(given["model_version"])
        if bad := _fault(given, screen, have):
            rejected.append((task, bad))
        elif version in have[task]:
            already_there += 1
        else:
            have[task].add(version)
            wanted = ("task", "result", "score", "model_version")
            fresh.append({name: given[name] for name in wanted if name in given})
    before = _counts(studio, project_id)
    for start in range(0, len(fresh), CHUNK):
        studio.post(f"/api/projects/{project_id}/import/predictions", fresh[start : start + CHUNK])
    stored = sum(_counts(studio, project_id).values()) - sum(before.values())
    if stored != len(fresh):
        _complain(studio, project_id, fresh, stored)
    if len(versions) == 1 and (fresh or already_there):
        show_version(studio, project_id, versions.pop())
    return StoreOutcome(stored, already_there, tuple(rejected))


def show_version(studio: Studio, project_id: int, version: str) -> None:
    """Make `version`, of which there are predictions, the one annotators see first.

    It also orders the queue: with uncertainty sampling the lowest score of this version comes next.
    """
    if get_project(studio, project_id)["model_version"] != version:
        studio.patch(f"/api/projects/{project_id}", {"model_version": version})


def _have(studio: Studio, project_id: int) -> dict[Any, set[str]]:
    """Return the model versions that each task of the project has predictions of."""
    found: dict[Any, set[str]] = {
        row["id"]: set() for row in stream(studio, project_id, include=("id",))
    }
    for row in stream(studio, project_id, include=("id", _VERSIONS), where=(_DRAFTED,)):
        listed = row[_VERSIONS]
        if len(listed) < _CUT:
            versions = listed.split(",")
        else:
            rows = studio.get("/api/predictions", {"task": row["id"]})
            versions = [each["model_version"] for each in rows]
        found[row["id"]] = {version.strip() for version in versions}
    return found


def _counts(studio: Studio, project_id: int) -> dict[str, int]:
    return dict(studio.get(f"/api/projects/{project_id}/model-versions/"))


def _fault(given: Mapping[str, Any], screen: Screen, have: Mapping[Any, set[str]]) -> BadRow | None:
    if given.get("task") not in have:
        return BadRow("unknown_task", f"the project has no task {given.get('task')!r}")
    score = given.get("score")
    if score is not None and (isinstance(score, bool) or not isinstance(score, int | float)):
        return BadRow("bad_score", f"{score!r} is no number")
    result = given.get("result")
    if not isinstance(result, Sequence) or isinstance(result, str) or not result:
        # Stored, an empty draft would keep Label Studio from ever asking for another.
        return BadRow("empty_draft", "there is nothing to show")
    try:
        to_values(result, screen)
    except BadRow as error:
        return error
    return None


def _complain(
    studio: Studio, project_id: int, fresh: Sequence[Mapping[str, Any]], stored: int
) -> None:
    have = _have(studio, project_id)
    missing = [each["task"] for each in fresh if each["model_version"] not in have[each["task"]]]
    named = ", ".join(map(str, missing[:20])) + (" ..." if len(missing) > 20 else "")
    raise GoldleafError(
        f"Label Studio stored {stored} of {len(fresh)} predictions; tasks without one: {named}.",
        where=f"{studio.url}/projects/{project_id}",
        fix="its log says why; mend the drafts of these tasks and run the same command again",
    )
