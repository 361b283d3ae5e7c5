"""Answers still to be compared: a prompt and two or more of them.

    {"prompt": "Sky?", "answer_a": "Blue.", "answer_b": "Green.", "model_a": "m1", "model_b": "m2"}
    {"instruction": "Add", "input": "2, 2", "responses": ["4", "5", "22"], "system": "Be brief."}

An answer may be empty here: seeing that is the annotator's work, and a draft may say so.
"""

from __future__ import annotations

from typing import Any

from goldleaf.core.errors import BadRow
from goldleaf.core.json_values import list_or_none
from goldleaf.core.records import Candidate, Comparison, Turn
from goldleaf.formats.format import Row
from goldleaf.formats.read_messages import check_context, check_order, read_turns, text_of, tools_of
from goldleaf.formats.text_columns import question_of, system_of

NAME = "answers"
TITLE = "a prompt with answers still to be compared"


def recognises(row: Row) -> bool:
    """Return whether a row fits: a prompt with answers still to be compared, whatever their number.

    The answers are `answer_a` and `answer_b`, or a list `responses`; the prompt is in `prompt` or
    `instruction`. Their values are not looked at.
    """
    answered = ("answer_a" in row and "answer_b" in row) or isinstance(row.get("responses"), list)
    return answered and ("prompt" in row or "instruction" in row)


def read(row: Row) -> Comparison:
    """Return the comparison, unranked, its answers in the order of the row.

    Raises:
        BadRow: `no_prompt`, `missing_field`, `not_two_answers` (fewer than two), `bad_field`
            (`models` does not fit), `not_text`, `role_order` or what `read_turns` raises.
    """
    tools = tools_of(row.get("tools"))
    context = _context(row)
    check_context(context, tools)
    candidates = tuple(
        Candidate(_answer(answer, name), drafted_by=model) for name, answer, model in _answers(row)
    )
    if len(candidates) < 2:
        raise BadRow("not_two_answers", f"{len(candidates)} answers; a comparison needs two")
    for candidate in candidates:
        check_order((*context, *candidate.turns), tools)
    return Comparison(context, candidates, tools)


def _context(row: Row) -> tuple[Turn, ...]:
    asked = row.get("prompt", row.get("instruction"))
    if not asked:
        raise BadRow("no_prompt", "neither a prompt nor an instruction")
    if isinstance(asked, str):
        turns = (Turn("user", question_of(row, ("prompt", "instruction"), ("input",))),)
    else:
        turns = read_turns(asked, "prompt")
    return (*system_of(row), *turns)


def _answers(row: Row) -> list[tuple[str, Any, str]]:
    """Return (field, answer, model) of every answer."""
    if "answer_a" in row or "answer_b" in row:
        sides = [side for side in ("a", "b") if row.get(f"answer_{side}") is not None]
        return [(f"answer_{s}", row[f"answer_{s}"], _model(row.get(f"model_{s}"))) for s in sides]
    answers = list_or_none(row.get("responses"))
    if answers is None:
        raise BadRow("missing_field", "neither answer_a and answer_b nor responses")
    models = list_or_none(row.get("models") or [""] * len(answers))
    if models is None or len(models) != len(answers):
        raise BadRow("bad_field", "models must name one model for each response")
    named = zip(answers, models, strict=True)
    return [(f"responses[{i}]", answer, _model(model)) for i, (answer, model) in enumerate(named)]


def _model(value: Any) -> str:
    return text_of(value or "", "model")


def _answer(value: Any, name: str) -> tuple[Turn, ...]:
    if not isinstance(value, list):
        return (Turn("assistant", text_of(value, name)),)
    turns = read_turns(value, name)
    if any(turn.role in ("user", "system") for turn in turns):
        raise BadRow("role_order", f"{name} may hold turns of the assistant and of tools only")
    return turns
