"""When Label Studio counts a project's data columns anew: where a task's data may have changed.

Each answer saves its task's time and who answered. Label Studio then reads the task again, takes
its data out of the project's summary, saves that, and puts the same data in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable


def wrap_not_updated(original: Callable[..., bool]) -> Callable[..., bool]:
    """Wrap what tells that a save of certain fields leaves a task's data as it is."""

    def not_updated(update_fields: Iterable[str] | None) -> bool:
        if update_fields and "data" not in update_fields:
            return True
        return bool(original(update_fields))

    return not_updated
