"""One training round of a foreign model: it is tested on new answers, then given them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from goldleaf.backend.label_studio_ml.foreign_model import ForeignProjectModel
from goldleaf.backend.log import LOG
from goldleaf.core.errors import BadRow
from goldleaf.core.json_values import object_or_empty
from goldleaf.label_configs.regions import to_values
from goldleaf.label_configs.screen import Screen

CHUNK = 50
"""Answers tested and given together; what was done is then written down."""
_PROJECT = ("id", "title", "label_config", "created_at", "model_version")


def give_answers(
    model: ForeignProjectModel,
    project: Mapping[str, Any],
    screen: Screen,
    tasks: Iterator[Mapping[str, Any]],
) -> int:
    """Give a model the submitted answers that are new, and return how many those were.

    Each answer is first compared with what the model would have drafted, so that what it proves is
    proved on answers it had not seen. An answer that it fails on is not given again. After a kill
    the last answers, up to `CHUNK`, are given once more.

    Args:
        model: the project's.
        project: as Label Studio describes it.
        screen: the project's screen.
        tasks: its answered tasks, as `stream_tasks` yields them.
    """
    told = {name: project[name] for name in _PROJECT if name in project}
    given = 0
    new = _new_answers(model, tasks)
    while chunk := list(islice(new, CHUNK)):
        for task, annotation in chunk:
            _test(model, screen, task, annotation)
            _give(model, told, task, annotation)
        model.proven.save()
        given += len(chunk)
    return given


def _new_answers(
    model: ForeignProjectModel, tasks: Iterator[Mapping[str, Any]]
) -> Iterator[tuple[Mapping[str, Any], Mapping[str, Any]]]:
    for task in tasks:
        for annotation in task.get("annotations") or ():
            if not annotation.get("was_cancelled") and model.proven.is_new(
                annotation["id"], str(annotation.get("updated_at"))
            ):
                yield task, annotation


def _test(
    model: ForeignProjectModel,
    screen: Screen,
    task: Mapping[str, Any],
    annotation: Mapping[str, Any],
) -> None:
    if model.proven.was_given(annotation["id"]):
        return
    try:
        answered = to_values(annotation.get("result") or (), screen)
    except BadRow:
        return
    unanswered = {**task, "annotations": [], "predictions": []}
    try:
        (drafted,) = model.choices_for([unanswered])
    except Exception as error:
        LOG.warning("%s failed on task %s: %s", model.NAME, task.get("id"), _line(error))
        return
    model.proven.judge(drafted, answered)


def _give(
    model: ForeignProjectModel,
    project: Mapping[str, Any],
    task: Mapping[str, Any],
    annotation: Mapping[str, Any],
) -> None:
    again = model.proven.was_given(annotation["id"])
    event = "ANNOTATION_UPDATED" if again else "ANNOTATION_CREATED"
    plain = {key: value for key, value in task.items() if key not in ("annotations", "predictions")}
    held = {**object_or_empty(annotation), "task": task.get("id"), "project": project.get("id")}
    try:
        model.fit(event, {"annotation": held, "task": plain, "project": project})
    except Exception as error:
        LOG.warning("%s cannot learn from task %s: %s", model.NAME, task.get("id"), _line(error))
    model.proven.give(annotation["id"], str(annotation.get("updated_at")))


def _line(error: Exception) -> str:
    return f"{type(error).__name__}: {' '.join(str(error).split())[:300]}"
