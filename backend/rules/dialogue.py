"""Drafting rules for dialogue: answers tidied, behaviours; no verdict of any turn."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from goldleaf.backend.predictors.predictor import Draft
from goldleaf.backend.rules.texts import text_of
from goldleaf.core.errors import BadRow
from goldleaf.core.json_values import list_or_empty, list_or_none, object_or_empty
from goldleaf.core.text_comparison import same_text
from goldleaf.curation.answer_checks.text_cleanup import cleaned
from goldleaf.curation.refusals.refusal_detector import refuses
from goldleaf.label_configs.answers import to_annotation
from goldleaf.label_configs.dialogue import codec

KIND = "dialogue"

REFUSES, TIDIED, OTHER = 0.2, 0.3, 0.4
"""Queue priorities; Label Studio serves the lowest first. A dialogue in which an answer refuses
decides about safety: soonest; one whose answers needed tidying was written carelessly: next."""


def draft(task: Mapping[str, Any]) -> Draft | None:
    """Return each answer where tidied, and the behaviours; None where there is nothing.

    Behaviours are those the record was imported with and `multi_turn`, where there are several
    answers. No verdict, no issue and no choice between continuations.

    Raises:
        BadRow: `bad_task`, or as `text_of`, for the text of each turn.
    """
    turns = list_or_none(task.get("turns"))
    if turns is None:
        raise BadRow("bad_task", "the turns are no list")
    texts = [text_of(object_or_empty(turn), "text") for turn in turns]
    tidied = tuple(codec.TurnAnswer(edit=_tidied(text)) for text in texts)
    values = to_annotation(codec.Answer(turns=tidied, behaviours=_behaviours(task, len(texts))))
    if not values:
        return None
    if any(map(refuses, texts)):
        return Draft(values, score=REFUSES)
    return Draft(values, score=TIDIED if any(each.edit for each in tidied) else OTHER)


def _tidied(text: str) -> str:
    """Return an answer cleaned up, "" where that changes nothing to a reader."""
    tidied = cleaned(text)
    return "" if same_text(tidied, text) else tidied


def _behaviours(task: Mapping[str, Any], answers: int) -> tuple[str, ...]:
    record = object_or_empty(object_or_empty(task.get("goldleaf")).get("record"))
    known = list_or_empty(object_or_empty(record.get("tags")).get("behaviours"))
    several = ["multi_turn"] if answers > 1 else []
    return tuple(name for name in codec.BEHAVIOURS if name in known or name in several)
