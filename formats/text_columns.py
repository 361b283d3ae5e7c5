"""Prompts and answers that stand in columns as plain texts."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from goldleaf.core.errors import BadRow
from goldleaf.core.json_values import list_or_none
from goldleaf.core.records import Candidate, Comparison, Turn
from goldleaf.formats.format import Row
from goldleaf.formats.read_messages import answer_of, read_turns, text_of
from goldleaf.formats.strict_json import parse_inside

_NO_INPUT = re.compile(
    r"[\s<\[(（【`\"]*"
    r"(?:no[\s_-]*inputs?(?:\s+(?:is\s+)?(?:required|needed|necessary|provided|given))?"
    r"|none|n/a|无|没有|(?:无需?|不需要|没有)输入)"
    r"[\s>\])）】`\".。]*",
    re.IGNORECASE,
)
"""What models wrote into `input` when there was none; seen in Alpaca and its translations."""
_NO_OUTPUT = re.compile(r"[\s<\[(（]*(?:no[\s_-]*output|无需?输出)[\s>\])）.。]*", re.IGNORECASE)
_LONGEST_MARKER = 32


def says_no_input(text: str) -> bool:
    """Return whether a text only says that there is no input: "<noinput>", "No input required."."""
    return len(text) <= _LONGEST_MARKER and bool(_NO_INPUT.fullmatch(text))


def says_no_output(text: str) -> bool:
    """Return whether an answer only says that there is none: "<nooutput>"."""
    return len(text) <= _LONGEST_MARKER and bool(_NO_OUTPUT.fullmatch(text))


def question_of(row: Row, asked: Iterable[str], given: Iterable[str] = ()) -> str:
    """Return the prompt of a row: the first of `asked` there is, and below it what is `given`.

    Null and "" count as absent. An empty line is between the two; a marker such as "<noinput>" is
    left out.

    Args:
        row: the row.
        asked: columns that may hold the question.
        given: columns that may hold what it is about.

    Raises:
        BadRow: `no_prompt`, or what `text_of` raises.
    """
    question = next((text_of(row[key], key) for key in asked if row.get(key)), "")
    if not question.strip():
        raise BadRow("no_prompt", f"no text in {' or '.join(asked)}")
    below = next((text_of(row[key], key) for key in given if row.get(key)), "")
    if not below.strip() or says_no_input(below):
        return question
    return f"{question}\n\n{below}"


def system_of(row: Row) -> tuple[Turn, ...]:
    """Return the system turn of a row from its column `system`, () where there is none.

    Raises:
        BadRow: what `text_of` raises.
    """
    text = text_of(row.get("system") or "", "system")
    return (Turn("system", text),) if text.strip() else ()


def answer_turn(value: Any, where: str) -> Turn:
    """Return an answer given as a text, its `<think>` block apart.

    Raises:
        BadRow: `empty_response` (also for a marker like "<nooutput>"), `empty_reasoning`,
            `empty_turn` or what `text_of` raises.
    """
    text = answer_of(value, where)
    if says_no_output(text):
        raise BadRow("empty_response", f"{where} says only {text.strip()!r}")
    if "<think>" not in text:  # what `read_turns` would make of it, sooner
        return Turn("assistant", text)
    return read_turns([{"role": "assistant", "content": text}], where)[0]


def ranked(row: Row, context: tuple[Turn, ...], tools: tuple[Mapping[str, Any], ...]) -> Comparison:
    """Return the comparison of the texts `chosen` (rank 1) and `rejected` (rank 2).

    Raises:
        BadRow: `missing_field`, `identical_pair`, or what `answer_turn` raises.
    """
    for side in ("chosen", "rejected"):
        if row.get(side) is None:
            raise BadRow("missing_field", f"no {side} answer")
    chosen, rejected = (answer_turn(row[side], side) for side in ("chosen", "rejected"))
    if chosen == rejected:
        raise BadRow("identical_pair", "chosen and rejected are the same")
    pair = (Candidate((chosen,), rank=1), Candidate((rejected,), rank=2))
    return Comparison(context, pair, tools)


def history_of(value: Any) -> tuple[Turn, ...]:
    """Return earlier turns given as `[[question, answer], ...]` or its JSON text; () for none.

    Raises:
        BadRow: `bad_history`, or what `answer_of` and `answer_turn` raise.
    """
    if isinstance(value, str) and value.strip():
        value = parse_inside(value, "history", "bad_history")
    if not value:
        return ()
    turns: list[Turn] = []
    for index, pair in enumerate(list_or_none(value) or [None]):
        exchange = list_or_none(pair)
        if exchange is None or len(exchange) != 2:
            raise BadRow("bad_history", f"history[{index}] is no pair of question and answer")
        turns += [
            Turn("user", answer_of(exchange[0], f"history[{index}][0]")),
            answer_turn(exchange[1], f"history[{index}][1]"),
        ]
    return tuple(turns)
