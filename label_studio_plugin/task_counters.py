"""The counters of tasks after drafts were stored in bulk: one statement a thousand tasks.

Label Studio (1.23.2) counts the annotations and predictions of all tasks of the project after each
request of drafts, and builds three CASE expressions with a branch a task: 0.6 ms of Python a task,
nine tenths of what a stored draft costs. The database counts the same in a hundredth of that.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any


def wrap_count(original: Callable[..., Any]) -> Callable[..., Any]:
    """Wrap what counts after predictions were imported; a job in Redis stays the original's."""

    @wraps(original)
    def update_tasks_counters(queryset: Any, from_scratch: bool = True) -> Any:
        from django.db.models import QuerySet

        if not from_scratch or not isinstance(queryset, QuerySet):
            return original(queryset, from_scratch)
        return _count(queryset)

    return update_tasks_counters


def _count(tasks: Any) -> int:
    """Count for the tasks of a query set; return how many they are."""
    from django.conf import settings
    from django.db import transaction
    from tasks.models import (  # pyright: ignore[reportMissingImports]
        Annotation,
        Prediction,
        Task,
    )

    whole: Any = transaction.atomic
    given = Annotation.objects.filter(was_cancelled=False)
    skipped = Annotation.objects.filter(was_cancelled=True)
    numbers = list(tasks.order_by("id").values_list("id", flat=True))
    for start in range(0, len(numbers), settings.BATCH_SIZE):
        some = Task.objects.filter(id__in=numbers[start : start + settings.BATCH_SIZE])
        with whole():
            # In the order of their numbers, so that two counts never wait for each other; and not
            # against what a new annotation or prediction locks of its task (FOR KEY SHARE).
            locked = some.select_for_update(no_key=True).order_by("id")
            list(locked.values_list("id", flat=True))
            some.update(
                total_annotations=_number_of(given),
                cancelled_annotations=_number_of(skipped),
                total_predictions=_number_of(Prediction.objects.all()),
            )
    return len(numbers)


def _number_of(rows: Any) -> Any:
    """Return the expression for how many of some rows belong to a task."""
    from django.db.models import Count, OuterRef, Subquery
    from django.db.models.functions import Coalesce

    mine = rows.filter(task_id=OuterRef("id")).order_by().values("task_id")
    return Coalesce(Subquery(mine.annotate(number=Count("id")).values("number")), 0)
