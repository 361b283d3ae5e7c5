"""Why a prediction is not stored: it is checked before Label Studio, which drops it in silence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from goldleaf.core.errors import BadRow
from goldleaf.label_configs.regions import to_values
from goldleaf.label_configs.screen import Screen


def draft_fault(
    given: Mapping[str, Any], screen: Screen, have: Mapping[Any, set[str]], *, places: bool
) -> BadRow | None:
    """Return what is wrong with a prediction, None for nothing.

    Args:
        given: the prediction.
        screen: the project's.
        have: the tasks that there are.
        places: whether an empty result with a score is taken: a place in the queue.
    """
    if given.get("task") not in have:
        return BadRow("unknown_task", f"the project has no task {given.get('task')!r}")
    score = given.get("score")
    if score is not None and (isinstance(score, bool) or not isinstance(score, int | float)):
        return BadRow("bad_score", f"{score!r} is no number")
    result = given.get("result")
    if places and result == [] and score is not None:
        return None
    if not isinstance(result, Sequence) or isinstance(result, str) or not result:
        # Stored, an empty draft would keep Label Studio from ever asking for another.
        return BadRow("empty_draft", "there is nothing to show")
    try:
        to_values(result, screen)
    except BadRow as error:
        return error
    return None
