"""Alpaca's rows, read: an instruction, perhaps an input, and the answer.

    {"instruction": "Add", "input": "2, 2", "output": "4",
     "system": "Be brief.", "history": [["Hello", "Hi"]]}

`input`, `system` and `history` may be absent. Dolly's names (`context`, `response`) and
LLaMA-Factory's ranked rows (`chosen`, `rejected` as texts) are read as well.
`goldleaf.trainers.llamafactory.alpaca_rows` writes them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from goldleaf.core.errors import BadRow
from goldleaf.core.records import Comparison, Demonstration, Judgement, Turn
from goldleaf.formats.boolean_labels import verdict_of
from goldleaf.formats.format import Row
from goldleaf.formats.read_messages import check_context, tools_of
from goldleaf.formats.text_columns import (
    answer_turn,
    history_of,
    question_of,
    ranked,
    system_of,
)

NAME = "alpaca"
TITLE = "Alpaca: instruction, input and output"


def recognises(row: Row) -> bool:
    """Return whether a row fits: an instruction with an answer, or with a better and a worse.

    That is `instruction` as a text, with `output`, `response`, or `chosen` and `rejected`, and no
    column by which another format is known. Values of the answers are not looked at.
    """
    if not isinstance(row.get("instruction"), str) or any(key in row for key in _OTHERS):
        return False
    return any(key in row for key in _ANSWER) or ("chosen" in row and "rejected" in row)


_ANSWER = ("output", "response")
_OTHERS = ("prompt", "answer_a", "responses", "instances", "conversations", "messages")


def read(row: Row) -> Demonstration | Comparison | Judgement:
    """Return an answered instruction as a demonstration, a ranked or judged one as it is.

    `chosen` and `rejected` make a comparison, a `kto_tag` a judgement.

    Raises:
        BadRow: `no_prompt`, `missing_field`, `empty_response`, `identical_pair`, `bad_history`,
            `bad_label`, or what `text_of` and `tools_of` raise.
    """
    if "chosen" in row or "rejected" in row:
        return _comparison(row)
    example = demonstration(row)
    if row.get("kto_tag") is not None:
        return Judgement(
            example.context, example.response, example.tools, good=verdict_of(row["kto_tag"])
        )
    return example


def demonstration(row: Row) -> Demonstration:
    """Return an Alpaca row (`instruction`, `input`, `output`) as a demonstration.

    A `kto_tag` and a pair in `chosen` and `rejected` are not looked at. Raises what the format's
    `read` does.
    """
    tools = tools_of(row.get("tools"))
    context = _context(row, tools)
    answer = next((row[key] for key in _ANSWER if row.get(key) is not None), None)
    if answer is None:
        raise BadRow("missing_field", f"neither {' nor '.join(_ANSWER)}")
    return Demonstration(context, (answer_turn(answer, "output"),), tools)


def _comparison(row: Row) -> Comparison:
    tools = tools_of(row.get("tools"))
    context = _context(row, tools)
    return ranked(row, context, tools)


def _context(row: Row, tools: Sequence[Mapping[str, Any]]) -> tuple[Turn, ...]:
    asked = question_of(row, ("instruction",), ("input", "context"))
    context = (*system_of(row), *history_of(row.get("history")), Turn("user", asked))
    check_context(context, tools)
    return context
