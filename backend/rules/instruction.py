"""Drafting rules for instruction: visible flaws, structural behaviours, a cleaned-up answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from goldleaf.backend.predictors.predictor import Draft
from goldleaf.backend.rules.texts import strange, text_of
from goldleaf.core.json_values import list_or_empty, object_or_empty, objects_in
from goldleaf.core.prototypes import prototypes
from goldleaf.core.text_comparison import same_text
from goldleaf.curation.answer_checks.empty_answers import nothing_said
from goldleaf.curation.answer_checks.text_cleanup import Code, clean_up
from goldleaf.curation.refusals.refusal_detector import refuses
from goldleaf.curation.texts.structured_output import is_structured
from goldleaf.label_configs.answers import to_annotation
from goldleaf.label_configs.instruction import codec

KIND = "instruction"

_NOTICED_BY: Mapping[Code, str] = {
    "truncated": "truncated",
    "boilerplate": "template",
    "placeholder": "template",
    "role_marker": "markup",
    "markup": "markup",
    "repetition": "repetition",
    "mixed_languages": "language",
}
"""What each flaw of a text is called on the screen; those that are simply fixed have no name."""
PRIORITY: Mapping[str, float] = {"refuses": 0.2, "empty": 0.8}
"""Queue priority by what was noticed, 0.4 for anything else; Label Studio serves the lowest first.

An example that refuses decides about safety: soonest. One without an answer takes longest: last.
"""
_OTHER_PRIORITY = 0.4


def draft(task: Mapping[str, Any]) -> Draft | None:
    """Return what is noticed, the behaviours, and the answer where tidied; None for nothing.

    Behaviours are those the record was imported with and those its form shows; the capability is
    the prototype that it was imported with, where the screen lists it.

    Raises:
        BadRow: as `text_of`, for `prompt` and `answer`.
    """
    prompt, answer = text_of(task, "prompt"), text_of(task, "answer")
    tidied = clean_up(answer, prompt)
    seen = {_NOTICED_BY[code] for code in tidied.codes if code in _NOTICED_BY}
    if nothing_said(answer, prompt):
        seen.add("empty")
    if refuses(answer):
        seen.add("refuses")
    if strange(prompt, (answer,)):
        seen.add("language")
    drafted = codec.Answer(
        answer="" if same_text(tidied.text, answer) else tidied.text,
        behaviours=_behaviours(task, answer),
        noticed=tuple(choice for choice in codec.NOTICED if choice in seen),
        capability=_capability(task),
    )
    values = to_annotation(drafted)
    if not values:
        return None
    worth = [PRIORITY.get(choice, _OTHER_PRIORITY) for choice in drafted.noticed]
    return Draft(values, score=max(worth, default=_OTHER_PRIORITY))


def _capability(task: Mapping[str, Any]) -> str:
    """Return the prototype that curation or a file gave the record, "" for none of the list."""
    record = object_or_empty(object_or_empty(task.get("goldleaf")).get("record"))
    known = object_or_empty(record.get("tags")).get("prototype")
    return known if isinstance(known, str) and known in prototypes() else ""


def _behaviours(task: Mapping[str, Any], answer: str) -> tuple[str, ...]:
    """Return what the record was imported with and what its form shows, in the screen's order.

    Imported behaviours are ticked, so that a person can take back what a machine or a file set.
    """
    record = object_or_empty(object_or_empty(task.get("goldleaf")).get("record"))
    known = list_or_empty(object_or_empty(record.get("tags")).get("behaviours"))
    asked = [turn for turn in objects_in(record.get("context")) if turn.get("role") == "user"]
    found: list[str] = []
    if is_structured(answer):
        found.append("structured_output")
    if len(asked) > 1:
        found.append("multi_turn")
    return tuple(name for name in codec.BEHAVIOURS if name in found or name in known)
