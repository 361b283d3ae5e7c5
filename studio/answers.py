"""An answer given through the API: for programs that annotate, and for tests."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from goldleaf.studio.client import Studio
from goldleaf.studio.shapes import holding


def submit_answer(
    studio: Studio,
    task_id: int,
    result: Sequence[dict[str, Any]],
    *,
    parent_prediction: int | None = None,
    skipped: bool = False,
) -> int:
    """Store an annotation as the account that `studio` is seen through, and return its id.

    Args:
        studio: whose answer it is.
        task_id: the task answered.
        result: regions, as `goldleaf.label_configs.regions.to_regions` makes them.
        parent_prediction: the draft that was on the screen.
        skipped: the task was passed over; Label Studio keeps what stood there.
    """
    body: dict[str, Any] = {
        "result": list(result),
        "was_cancelled": skipped,
        "parent_prediction": parent_prediction,
        "lead_time": 0.0,
    }
    path = f"/api/tasks/{task_id}/annotations/"
    return int(studio.post(path, body, shape=holding(id=int))["id"])
