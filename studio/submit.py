"""An answer given through the API: for programs that annotate, and for tests."""

from __future__ import annotations

import time
import uuid
from collections.abc import Sequence
from typing import Any

from goldleaf.core.errors import GoldleafError, StudioUnreachable
from goldleaf.studio.client import RequestRejected, Studio, Unauthorized
from goldleaf.studio.response_shapes import holding, paged

_PAUSES = (0.5, 1.0, 2.0)
"""Seconds before an answer is sent again whose receipt was lost."""


def submit_annotation(
    studio: Studio,
    task_id: int,
    result: Sequence[dict[str, Any]],
    *,
    parent_prediction: int | None = None,
    skipped: bool = False,
) -> int:
    """Store an annotation as the account that `studio` is seen through, and return its id.

    Where the receipt is lost it is sent up to three times more under the same unique id, of which
    Label Studio keeps one. Where it then says that it has that id (409), the account's newest
    annotation of the task is returned.

    Args:
        studio: whose answer it is.
        task_id: the task answered.
        result: regions, as `goldleaf.label_configs.regions.to_regions` makes them.
        parent_prediction: id of the draft that was on the screen; None for no draft.
        skipped: the annotator passed the task over; `result` is stored all the same.

    Raises:
        RequestRejected: Label Studio rejected it, for an unknown task, for example.
        StudioUnreachable: it failed each time, or refuses the token; it may have been stored.
        GoldleafError: it was stored, but the task does not list it.
    """
    body: dict[str, Any] = {
        "result": list(result),
        "was_cancelled": skipped,
        "parent_prediction": parent_prediction,
        "lead_time": 0.0,
        "unique_id": str(uuid.uuid4()),
    }
    path = f"/api/tasks/{task_id}/annotations/"
    for pause in (*_PAUSES, None):
        try:
            return int(studio.post(path, body, shape=holding(id=int))["id"])
        except Unauthorized:
            raise
        except RequestRejected as error:
            if error.status != 409:
                raise
            break
        except StudioUnreachable:
            if pause is None:
                raise
            time.sleep(pause)
    return _newest_own(studio, task_id)


def _newest_own(studio: Studio, task_id: int) -> int:
    """Return the last annotation of this account on a task; unique ids are not shown anywhere."""
    me = studio.get("/api/current-user/whoami", shape=holding(id=int))["id"]
    # The list at /annotations/ leaves skipped ones out.
    path = f"/api/tasks/{task_id}/"
    found = studio.get(path, shape=paged("annotations", "id", "completed_by"))["annotations"]
    own = [int(each["id"]) for each in found if _account(each["completed_by"]) == me]
    if not own:
        raise GoldleafError(
            f"Label Studio has this answer of task {task_id} already, but does not list it.",
            where=studio.url + path,
            fix="look at the task in Label Studio before you answer it again",
        )
    return max(own)


def _account(given: Any) -> Any:
    return given.get("id") if isinstance(given, dict) else given
