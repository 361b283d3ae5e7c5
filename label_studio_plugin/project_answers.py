"""The answers of a project, out of Label Studio's own database: a page of tasks in memory."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from itertools import islice
from typing import Any, BinaryIO

from goldleaf.core.json_depth import loads
from goldleaf.formats.row_location import BadLine

_PAGE = 500
"""Tasks in memory at a time."""
_TASK = ("id", "project_id", "data")
_ANNOTATION = (
    *("id", "task_id", "result", "completed_by_id", "was_cancelled", "ground_truth", "lead_time"),
    *("prediction", "parent_prediction_id", "created_at", "updated_at"),
)
_PREDICTION = ("id", "task_id", "result", "model_version")
_DRAFT = ("id", "task_id", "updated_at")


def describe_project(project: Any) -> dict[str, Any]:
    """Return what goldleaf must know of a project (a Django model), as the API gives it."""
    return {
        "id": project.id,
        "label_config": project.label_config,
        "expert_instruction": project.expert_instruction,
        "description": project.description,
        "created_at": _iso(project.created_at),
    }


def describe_others(project: Any) -> Iterator[tuple[Any, dict[str, Any]]]:
    """Yield the other projects of an organisation that have a description, and that, by id."""
    others = (
        type(project).objects.filter(organization_id=project.organization_id).exclude(id=project.id)
    )
    for other in others.exclude(description="").exclude(description=None).order_by("id"):
        yield other, describe_project(other)


def account_addresses(project: Any) -> dict[int, str]:
    """Return the e-mail addresses of an organisation's members, by account."""
    members = _rows("organizations", "OrganizationMember").filter(
        organization_id=project.organization_id, deleted_at__isnull=True
    )
    return dict(members.values_list("user_id", "user__email"))


def count_answered(project: Any) -> int:
    """Return how many tasks have an answer, a skipped one too, or a draft of one."""
    return int(_answered(project).count())


def answered_tasks(project: Any, ids: Collection[int] | None = None) -> Iterator[dict[str, Any]]:
    """Yield the tasks that have an answer or a draft of one, by rising id.

    Of predictions they have those that an answer began from.

    Args:
        project: a model of Label Studio.
        ids: these tasks only; all without.
    """
    answers_of, drafts_of = (_rows("tasks", name) for name in ("Annotation", "AnnotationDraft"))
    tasks, last = _answered(project), 0
    while page := list(tasks.filter(id__gt=last).order_by("id").values(*_TASK)[:_PAGE]):
        numbers = [task["id"] for task in page]
        answers = list(answers_of.filter(task_id__in=numbers).values(*_ANNOTATION))
        shown = _began_from({each["parent_prediction_id"] for each in answers})
        unsent = drafts_of.filter(task_id__in=numbers, annotation=None)
        drafts = _by_task(unsent.values(*_DRAFT))
        annotations = _by_task(answers)
        for task in page:
            number = last = task["id"]
            if ids is not None and number not in ids:
                continue  # not in the query: SQLite takes some thousand numbers at most
            yield {
                "id": number,
                "project": task["project_id"],
                "data": _named(task["data"], project),
                "annotations": annotations.get(number, []),
                "predictions": shown.get(number, []),
                "drafts": drafts.get(number, []),
            }


def snapshot_tasks(file: BinaryIO) -> Iterator[dict[str, Any]]:
    """Yield the tasks of one of Label Studio's snapshots, with what their answers began from.

    Args:
        file: the snapshot, a JSON list.
    """
    from goldleaf.formats import json_documents

    rows = json_documents.rows(json_documents.pieces(file.read), parse=loads)
    tasks = (row.value for row in rows if not isinstance(row, BadLine))
    while page := list(islice(tasks, _PAGE)):
        began = {each.get("parent_prediction") for task in page for each in task["annotations"]}
        shown = _began_from(began)
        for task in page:
            yield {**task, "predictions": shown.get(task["id"], [])}


def _began_from(numbers: Collection[int | None]) -> dict[int, list[dict[str, Any]]]:
    """Return predictions by task."""
    rows = _rows("tasks", "Prediction").filter(id__in=[each for each in numbers if each])
    return _by_task(rows.values(*_PREDICTION))


def _answered(project: Any) -> Any:
    """Return the query of the tasks with an answer or a draft."""
    from django.db.models import Exists, OuterRef, Q

    answer = _rows("tasks", "Annotation").filter(task_id=OuterRef("pk"))
    draft = _rows("tasks", "AnnotationDraft").filter(task_id=OuterRef("pk"), annotation=None)
    tasks = _rows("tasks", "Task").filter(project_id=project.id)
    return tasks.filter(Q(Exists(answer)) | Q(Exists(draft)))


def _rows(app: str, model: str) -> Any:
    """Return the rows of a table; its models cannot be imported before Label Studio has them."""
    from django.apps import apps

    return apps.get_model(app, model).objects


def _named(data: dict[str, Any], project: Any) -> dict[str, Any]:
    """Return the data of a task; a line of plain text has no name until the config gives it one."""
    from django.conf import settings

    fields = project.data_types
    if settings.DATA_UNDEFINED_NAME not in data or not fields:
        return data
    rest = dict(data)
    text = rest.pop(settings.DATA_UNDEFINED_NAME)
    return {**rest, next(iter(fields)): text}


def _by_task(rows: Any) -> dict[int, list[dict[str, Any]]]:
    """Return rows by task, under the names and in the form that Label Studio's API gives them."""
    found: dict[int, list[dict[str, Any]]] = {}
    for row in rows:
        named = {name.removesuffix("_id"): _plain(value) for name, value in row.items()}
        found.setdefault(row["task_id"], []).append(named)
    return found


def _plain(value: Any) -> Any:
    return _iso(value) if hasattr(value, "isoformat") else value


def _iso(moment: Any) -> str:
    """Return a date as Label Studio's API writes it."""
    from rest_framework.fields import DateTimeField

    return str(DateTimeField().to_representation(moment))
