r"""A prompt with several answers in a list, each with its model and a score or a rank.

    {"instruction": "Sky?", "completions": [
        {"model": "m1", "response": "Blue.", "overall_score": 8.5},
        {"model": "m2", "response": "Green.", "overall_score": 2.0}]}
    {"prompt": "\n\nHuman: Sky?\n\nAssistant: ", "answers": [
        {"model": "m1", "answer": "Blue.", "rank": 1.0},
        {"model": "m2", "answer": "No.", "rank": 2.0}]}

UltraFeedback writes the first, Nectar the second. Where no answer has a rank and all have a score,
ranks follow the scores, equal scores being a tie. UltraFeedback's system prompts differ from answer
to answer, so they belong to none of the comparison and are not read.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

from goldleaf.core.errors import BadRow
from goldleaf.core.json_values import list_or_none, object_or_none
from goldleaf.core.records import Candidate, Comparison, Turn
from goldleaf.formats.format import Row
from goldleaf.formats.hh_rlhf import transcript_turns
from goldleaf.formats.read_messages import check_context, text_of
from goldleaf.formats.text_columns import question_of

NAME = "scored_answers"
TITLE = "a prompt with several answers, each with a score or a rank"

_ASKED = ("instruction", "prompt")
_LISTS = {"completions": "response", "answers": "answer"}
"""column -> what the text of an answer is called in it."""
_SCORES = ("overall_score", "score")


def recognises(row: Row) -> bool:
    """Return whether a row has a prompt and a list of answers that are objects with a text."""
    return any(key in row for key in _ASKED) and _answers(row) is not None


def read(row: Row) -> Comparison:
    """Return the comparison, its answers in the order of the row.

    Raises:
        BadRow: `no_prompt`, `missing_field`, `not_two_answers` (fewer than two), `not_text`, or
            what `question_of` and `transcript_turns` raise.
    """
    found = _answers(row)
    if found is None:
        raise BadRow("missing_field", "neither completions nor answers with their texts")
    context = _context(row)
    check_context(context)
    candidates = tuple(_candidate(each, *found[1:]) for each in found[0])
    if len(candidates) < 2:
        raise BadRow("not_two_answers", f"{len(candidates)} answers; a comparison needs two")
    return Comparison(context, _ranked(candidates))


def _answers(row: Row) -> tuple[list[Any], str, str] | None:
    """Return the answers of a row, the name of their list, and what a text is called in it."""
    for column, field in _LISTS.items():
        answers = list_or_none(row.get(column))
        if answers and field in (object_or_none(answers[0]) or {}):
            return answers, column, field
    return None


def _context(row: Row) -> tuple[Turn, ...]:
    asked = next((row[key] for key in _ASKED if row.get(key)), "")
    if isinstance(asked, str) and asked.startswith(("\n\nHuman:", "\n\nAssistant:")):
        return transcript_turns(asked.rstrip().removesuffix("\n\nAssistant:"), "prompt")
    return (Turn("user", question_of(row, _ASKED, ("input",))),)


def _candidate(value: Any, column: str, field: str) -> Candidate:
    answer = object_or_none(value)
    if answer is None or answer.get(field) is None:
        raise BadRow("missing_field", f"an answer in {column} has no {field}")
    rank = _number(answer.get("rank"))
    score = next((n for key in _SCORES if (n := _number(answer.get(key))) is not None), None)
    return Candidate(
        (Turn("assistant", text_of(answer[field], field)),),
        rank=int(rank) if rank is not None and rank >= 1 and rank == int(rank) else None,
        score=score,
        drafted_by=text_of(answer.get("model") or "", "model"),
    )


def _number(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return float(value)


def _ranked(candidates: tuple[Candidate, ...]) -> tuple[Candidate, ...]:
    scores = [candidate.score for candidate in candidates]
    if any(candidate.rank is not None for candidate in candidates) or None in scores:
        return candidates
    order = sorted({score for score in scores if score is not None}, reverse=True)
    return tuple(replace(c, rank=order.index(c.score or 0.0) + 1) for c in candidates)
