"""Good as it is, unless it can be seen to be wrong; every 5th answer is made a little better."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from goldleaf.label_configs.demo_script import polished
from goldleaf.label_configs.instruction.codec import Answer


def answer(data: Mapping[str, Any], draft: Answer, place: int) -> Answer:
    """Return an answer; what refuses, is empty or in the wrong language is unusable.

    Of other faults noticed, those at odd places are overlooked. Every 5th answer is edited.
    """
    if {"refuses", "empty", "language"} & set(draft.noticed):
        return replace(draft, verdict="unusable", quality=1, issues=("incomplete",))
    if draft.noticed and place % 2:
        return replace(draft, verdict="good", quality=4, noticed=())
    if place % 5 == 0:
        better = polished(draft.answer or data["answer"])
        return replace(draft, verdict="fixed", quality=4, answer=better)
    return replace(draft, verdict="good", quality=5, prototype=draft.prototype or "short answer")


def second_opinion(answer: Answer) -> Answer | None:
    """Return what the demo's second annotator answers: a thumb down where the first was content.

    Else None: that one agrees.
    """
    if answer.verdict != "good":
        return None
    return Answer("unusable", quality=2, issues=("style",))
