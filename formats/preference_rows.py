"""Pairs and prompts of TRL's rows: texts or messages, a prompt apart or within both answers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast, get_args

from goldleaf.core.errors import BadRow
from goldleaf.core.json_values import list_or_none, object_or_none
from goldleaf.core.records import Candidate, Comparison, Origin, Strength, Turn
from goldleaf.core.text_comparison import same_text
from goldleaf.formats.format import Row
from goldleaf.formats.read_messages import (
    answer_of,
    check_context,
    check_order,
    ending_before_answer,
    read_turns,
    text_of,
)
from goldleaf.formats.text_columns import system_of


def read_pair(row: Row, tools: tuple[Any, ...]) -> Comparison:
    """Return the comparison of a row's chosen (rank 1) and rejected answer (rank 2).

    Without `prompt` it is what both conversations begin with. `strength`, `chosen_score`,
    `chosen_origin` and the like are kept where they are valid, else ignored.

    Raises:
        BadRow: `missing_field`, `identical_pair`, `different_prompts`, or what `prompt_of`,
            `answer_after`, `check_context` and `check_order` raise.
    """
    for side in ("chosen", "rejected"):
        if row.get(side) is None:
            raise BadRow("missing_field", f"no {side} answer")
    given = row.get("prompt")
    if given is None or (isinstance(given, str) and _conversations(row, given)):
        chosen, rejected = (read_turns(row[side], side) for side in ("chosen", "rejected"))
        context = _shared(chosen, rejected)
        chosen, rejected = chosen[len(context) :], rejected[len(context) :]
    else:
        context = prompt_of(row)
        chosen, rejected = (
            answer_after(row[side], context, side) for side in ("chosen", "rejected")
        )
    if chosen and chosen == rejected:
        raise BadRow("identical_pair", "chosen and rejected are the same")
    check_context(context, tools)
    if not chosen or not rejected:
        raise BadRow("different_prompts", "chosen and rejected do not answer the same prompt")
    for answer in (chosen, rejected):
        only_answers(answer)
        check_order((*context, *answer), tools)
    strength = row.get("strength")
    return Comparison(
        context,
        (_candidate(row, chosen, "chosen", 1), _candidate(row, rejected, "rejected", 2)),
        tools,
        cast("Strength", strength) if strength in get_args(Strength) else "unknown",
    )


def _conversations(row: Row, prompt: str) -> bool:
    """Return whether a prompt given as text is repeated as the first turn of both conversations."""
    starts: list[str] = []
    for side in ("chosen", "rejected"):
        first = object_or_none((list_or_none(row[side]) or [None])[0])
        if first is None or first.get("role", first.get("from")) == "assistant":
            return False
        starts.append(str(first.get("content", first.get("value"))))
    return not prompt.strip() or all(same_text(start, prompt) for start in starts)


def _shared(chosen: Sequence[Turn], rejected: Sequence[Turn]) -> tuple[Turn, ...]:
    if chosen == rejected:
        raise BadRow("identical_pair", "chosen and rejected are the same")
    common = 0
    while common < min(len(chosen), len(rejected)) and chosen[common] == rejected[common]:
        common += 1
    end = ending_before_answer(chosen[:common])
    if not end:
        raise BadRow("different_prompts", "chosen and rejected do not answer the same prompt")
    return tuple(chosen[:end])


def prompt_of(row: Row) -> tuple[Turn, ...]:
    """Return the prompt of a row: a text as one user turn, or messages as they are.

    In front of a text comes the system turn of the column `system`; with messages it is ignored.

    Raises:
        BadRow: `no_prompt`, or what `read_turns` and `text_of` raise.
    """
    value = row.get("prompt")
    if isinstance(value, str):
        if not value.strip():
            raise BadRow("no_prompt", "the prompt is empty")
        return (*system_of(row), Turn("user", text_of(value, "prompt")))
    if not value:
        raise BadRow("no_prompt", "there is no prompt")
    return read_turns(value, "prompt")


def answer_after(value: Any, context: tuple[Turn, ...], side: str) -> tuple[Turn, ...]:
    """Return an answer's own turns; a prompt repeated in front of messages is cut off.

    Args:
        value: the answer, a text or messages.
        context: the prompt.
        side: the answer's column, for messages of errors.

    Raises:
        BadRow: `empty_response`, `prompt_repeated` (a text that begins with the prompt),
            `role_order`, or what `read_turns` raises.
    """
    if isinstance(value, str):
        text = answer_of(value, side)
        prompt = context[-1].content.strip()
        if len(context) == 1 and len(text.strip()) > len(prompt) and text.startswith(prompt + "\n"):
            raise BadRow("prompt_repeated", f"{side} begins with the prompt")
        return read_turns([{"role": "assistant", "content": text}], side)
    turns = read_turns(value, side)
    if turns[0].role != "assistant" and turns[: len(context)] == context:
        turns = turns[len(context) :]
    if not turns:
        raise BadRow("empty_response", f"{side} holds the prompt alone")
    only_answers(turns)
    return turns


def only_answers(turns: Sequence[Turn]) -> None:
    """Refuse turns of others in an answer, of which there is one or more: TRL would train on them.

    Raises:
        BadRow: `role_order`, it does not begin with the assistant, or has a user's or system turn.
    """
    if turns[0].role == "assistant":
        for turn in turns:
            if turn.role in ("user", "system"):
                break
        else:
            return
    raise BadRow("role_order", "an answer may hold turns of the assistant and of tools only")


def _candidate(row: Row, turns: tuple[Turn, ...], side: str, rank: int) -> Candidate:
    origin = row.get(f"{side}_origin")
    score = row.get(f"{side}_score", row.get(f"score_{side}"))
    return Candidate(
        turns,
        rank=rank,
        score=float(score) if isinstance(score, (int, float)) else None,
        origin=cast("Origin", origin) if origin in get_args(Origin) else "imported",
    )
