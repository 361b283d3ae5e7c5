"""Prove that a backend which is attached to a project drafts, and hears of events."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from goldleaf.core.errors import GoldleafError
from goldleaf.studio.client import Studio
from goldleaf.studio.projects import get_project
from goldleaf.studio.response_shapes import holding


def prove_predict(studio: Studio, project_id: int, row: dict[str, Any], url: str) -> bool:
    """Return whether a backend drafted a task of a project; False in a project without tasks.

    Args:
        studio: where.
        project_id: which project.
        row: the backend as the API has it.
        url: its address, for the error.

    Raises:
        GoldleafError: it does not answer with one result.
    """
    if not get_project(studio, project_id)["task_number"]:
        return False
    answer = studio.post(
        f"/api/ml/{row['id']}/predict/test", params={"random": "true"}, shape=holding()
    )
    results = answer.get("response")
    if not isinstance(results, list) or len(results) != 1:
        raise GoldleafError(
            "The backend does not answer /predict with one result for one task.",
            where=url,
            fix="see the backend's log",
        )
    return True


def prove_delivery(
    studio: Studio,
    project_id: int,
    row: dict[str, Any],
    hook: str,
    delivered: Callable[[], bool] | None,
    wait: float,
) -> bool | None:
    """Return True once an event that is caused here has arrived, None where nobody can tell.

    Args:
        studio: where.
        project_id: which project.
        row: the backend as the API has it.
        hook: the webhook's address, for the error.
        delivered: tells whether the event has arrived.
        wait: seconds to wait for it.

    Raises:
        GoldleafError: it did not arrive.
    """
    # Setting the version, even to what it is, is an update: Label Studio tells the backend.
    studio.patch(f"/api/projects/{project_id}/", {"model_version": row["title"]})
    if delivered is None:
        return None
    until = time.monotonic() + wait
    while not delivered():
        if time.monotonic() > until:
            raise GoldleafError(
                f"The backend is connected, but an event did not arrive within {wait:.0f} s.",
                where=hook,
                fix="check that the backend accepts the webhook secret; then connect again",
            )
        time.sleep(0.1)
    return True
