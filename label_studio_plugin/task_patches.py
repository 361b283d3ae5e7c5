"""A task that is changed by its address is read as it is stored, without the columns of tables.

For `PATCH /api/tasks/ID/` Label Studio (1.23.2) works out, twice, every column that the data
manager has of the task: annotators, scores, times. It then changes one field, and answers with the
task as it is stored, without any of these columns: two thirds of the time.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any


def wrap_queryset(original: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Wrap what a task is read by. Label Studio looks before it whether the account may see it."""

    @wraps(original)
    def get_queryset(self: Any) -> Any:
        if not _plain_patch(self.request):
            return original(self)
        from tasks.models import Task  # pyright: ignore[reportMissingImports]

        return self.prefetch(Task.objects.filter(pk=self.kwargs.get("pk")))

    return get_queryset


def _plain_patch(request: Any) -> bool:
    """Return whether a request changes a task by its number alone.

    One that names a project, too, finds no task of another project.
    """
    given = request.data if request.method == "PATCH" else None
    return isinstance(given, Mapping) and "project" not in given and not request.query_params
