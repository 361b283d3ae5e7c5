"""Drafting rules for preference: visible properties of two answers; no decision, no reasons."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from goldleaf.backend.predictors.predictor import Draft
from goldleaf.backend.rules.texts import strange, text_of
from goldleaf.core.text_comparison import same_text
from goldleaf.curation.refusals.refusal_detector import refuses
from goldleaf.label_configs.answers import to_annotation
from goldleaf.label_configs.preference import codec

KIND = "preference"

PRIORITY: Mapping[str, float] = {
    "a_refuses": 0.2,
    "b_refuses": 0.2,
    "language": 0.4,
    "both_refuse": 0.5,
    "a_empty": 0.8,
    "b_empty": 0.8,
    "identical": 0.9,
}
"""Queue priority of a task by what was noticed; Label Studio serves the lowest first.

One answer refusing where the other does not is where the boundary of refusal is learnt: soonest.
Two equal answers, or an empty one, teach least: last. Where several hold, the least worth decides.
"""


def draft(task: Mapping[str, Any]) -> Draft | None:
    """Return a preference draft of what can be seen of two answers, or None where there is nothing.

    Only `noticed`, choices of `codec.NOTICED`; no decision and no reasons.

    Raises:
        BadRow: as `text_of`, for `prompt`, `answer_a` and `answer_b`.
    """
    prompt, a, b = (text_of(task, name) for name in ("prompt", "answer_a", "answer_b"))
    seen = _seen(prompt, a, b)
    noticed = tuple(choice for choice in codec.NOTICED if choice in seen)
    if not noticed:
        return None
    answer = codec.Answer(noticed=noticed)
    return Draft(to_annotation(answer), score=max(PRIORITY[choice] for choice in noticed))


def _seen(prompt: str, a: str, b: str) -> set[str]:
    """Return which of `codec.NOTICED` holds for two answers."""
    seen: set[str] = set()
    declines = (refuses(a), refuses(b))
    match declines:
        case (True, True):
            seen.add("both_refuse")
        case (True, False):
            seen.add("a_refuses")
        case (False, True):
            seen.add("b_refuses")
        case _:
            pass
    if not a.strip():
        seen.add("a_empty")
    if not b.strip():
        seen.add("b_empty")
    if same_text(a, b):
        seen.add("identical")
    if strange(prompt, (a, b)):
        seen.add("language")
    return seen
