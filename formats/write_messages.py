"""Turns as written messages, and checks that refuse what trainers would spoil; for all writers.

Every refusal here is a trap that a trainer takes in silence: an answer that says nothing, equal
answers, an order of turns that templates drop, reasoning that cannot be separated from the answer.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal, TypeAlias

from goldleaf.core.errors import BadRow
from goldleaf.core.records import Comparison, Demonstration, Judgement, Record, ToolCall, Turn
from goldleaf.core.text_comparison import same_text, why_not_utf8
from goldleaf.formats.read_messages import check_context, check_order, text_of

Task: TypeAlias = Literal["sft", "dpo", "kto"]
Turns: TypeAlias = tuple[Turn, ...]

_TASKS: dict[type[Record], Task] = {Demonstration: "sft", Comparison: "dpo", Judgement: "kto"}


def task(record: Record) -> Task:
    """Return what a record trains: a demonstration `sft`, a comparison `dpo`, a judgement `kto`.

    By its type alone, even if only steps were judged.
    """
    return _TASKS[type(record)]


def conversation(record: Demonstration | Judgement) -> Turns:
    """Return context and response as one list of turns, checked.

    Raises:
        BadRow: `empty_response`, `role_order`, `no_prompt`, or what `check_order` raises.
    """
    check_context(record.context, record.tools)
    _check_answer(record.context, record.response, record.tools)
    return (*record.context, *record.response)


def verdict(record: Judgement) -> bool:
    """Return the thumb of a judgement of the whole answer: True is good.

    Raises:
        BadRow: `steps_unsupported` where its steps alone were judged, `no_verdict` where nothing.
    """
    if record.good is None and record.steps:
        raise BadRow("steps_unsupported", "there is no place for verdicts on steps")
    if record.good is None:
        raise BadRow("no_verdict", "this answer has no verdict, good or bad")
    return record.good


def pair(record: Comparison) -> tuple[Turns, Turns]:
    """Return the chosen and the rejected answer of a comparison of two, the better one first.

    Raises:
        BadRow: `not_a_pair` (not two, or the first is not ranked above the second),
            `identical_pair`, or what `conversation` raises.
    """
    ranks = [candidate.rank for candidate in record.candidates]
    if len(ranks) != 2 or None in ranks or ranks != sorted(set(ranks), key=lambda r: r or 0):
        raise BadRow("not_a_pair", "a pair has two answers, the first ranked above the second")
    check_context(record.context, record.tools)
    chosen, rejected = (candidate.turns for candidate in record.candidates)
    for answer in (chosen, rejected):
        _check_answer(record.context, answer, record.tools)
    if len(chosen) == len(rejected) and all(map(_alike, chosen, rejected)):
        raise BadRow("identical_pair", "chosen and rejected are the same")
    return chosen, rejected


def margin(record: Comparison) -> float:
    """Return by how much the score of the first of two answers is higher, never below 0.0.

    0.0, to a reward model no margin, also where a score is missing, the difference is no number, or
    the second scores higher. Strengths give none: they are an order, and what a step of it is worth
    is for the trainer's user to decide.

    Raises:
        ValueError: there are not two answers.
    """
    better, worse = (candidate.score for candidate in record.candidates)
    if better is None or worse is None:
        return 0.0
    higher = better - worse  # of two large floats, more than a float holds
    return max(0.0, higher) if math.isfinite(higher) else 0.0


def _alike(one: Turn, other: Turn) -> bool:
    calls = [[(call.name, dict(call.arguments)) for call in t.tool_calls] for t in (one, other)]
    return (
        one.role == other.role
        and same_text(one.content, other.content)
        and same_text(one.reasoning, other.reasoning)
        and calls[0] == calls[1]
    )


def _check_answer(context: Turns, answer: Turns, tools: Sequence[Mapping[str, Any]]) -> None:
    if not answer:
        raise BadRow("empty_response", "an answer has no turns")
    if answer[0].role != "assistant" or any(turn.role in ("user", "system") for turn in answer):
        raise BadRow("role_order", "an answer may hold turns of the assistant and of tools only")
    if answer[-1].role != "assistant":
        raise BadRow("role_order", f"the answer ends with a turn of the {answer[-1].role}")
    check_order((*context, *answer), tools)


def content_of(turn: Turn) -> str:
    """Return what a turn says, unchanged, without its reasoning; "" for a call or an empty result.

    Raises:
        BadRow: `empty_response` or `empty_turn` (it says nothing and calls nothing),
            `reasoning_inline` (an answer begins with `<think>` or holds `</think>`), or what
            `text_of` raises.
    """
    role, content = turn.role, turn.content
    if problem := why_not_utf8(content):
        raise BadRow(problem, role)
    stripped = content.strip()
    if not stripped and not turn.tool_calls and role != "tool":
        reason = "empty_response" if role == "assistant" else "empty_turn"
        raise BadRow(reason, f"a turn of the {role} says nothing")
    # Templates (Qwen3's, GLM's) cut an answer at the tag, wherever it stands, and lose words.
    if role == "assistant" and (stripped.startswith("<think>") or "</think>" in content):
        raise BadRow("reasoning_inline", "reasoning must stand apart from the answer")
    return content


def thought_of(turn: Turn) -> str:
    """Return the reasoning of a turn as the `<think>` block in front of what it says, "" for none.

    Raises:
        BadRow: `reasoning_inline`, it could not be separated from the answer again.
    """
    if not turn.reasoning:
        return ""
    if turn.role != "assistant" or "</think>" in turn.reasoning:
        raise BadRow("reasoning_inline", "this reasoning cannot be separated from the answer")
    return f"<think>\n{text_of(turn.reasoning, 'reasoning')}\n</think>\n\n"


def without_calls(turns: Sequence[Turn], tools: Sequence[Any], why: str) -> None:
    """Refuse calls, their results and declared tools.

    Args:
        turns: what may hold no call and no result.
        tools: what must be empty.
        why: the error's detail.

    Raises:
        BadRow: `tools_unsupported`.
    """
    if tools or any(turn.tool_calls or turn.role == "tool" for turn in turns):
        raise BadRow("tools_unsupported", why)


def results_by_call(turns: Turns) -> Iterator[Turn]:
    """Yield the turns with the results of parallel calls in the order of the calls.

    Where ids are missing or repeated, results stay in the order they have. Calls at the very end
    need no result.

    Raises:
        BadRow: `results_differ`, the results just after some calls are not as many as they.
    """
    waiting: list[Turn] = []
    called: tuple[ToolCall, ...] = ()
    for index, turn in enumerate(turns):
        if turn.role != "tool":
            called = turn.tool_calls
            if called and index + 1 < len(turns) and turns[index + 1].role != "tool":
                raise BadRow("results_differ", f"{len(called)} calls and no result")
            yield turn
            continue
        waiting.append(turn)
        if index + 1 == len(turns) or turns[index + 1].role != "tool":
            yield from _in_order(called, waiting)
            waiting = []


def _in_order(calls: tuple[ToolCall, ...], results: list[Turn]) -> list[Turn]:
    if len(calls) != len(results):
        raise BadRow("results_differ", f"{len(calls)} calls and {len(results)} results")
    order = [call.id for call in calls]
    if len(set(order)) < len(order) or {result.tool_call_id for result in results} != {*order}:
        return results
    return sorted(results, key=lambda result: order.index(result.tool_call_id))


def one_message(answer: Turns) -> Turn:
    """Return an answer's only turn; BadRow `multi_turn_answer` if it has several."""
    if len(answer) != 1:
        raise BadRow("multi_turn_answer", f"an answer of {len(answer)} messages")
    return answer[0]


def spoken_call(call: ToolCall) -> dict[str, Any]:
    """Return a call as `{"name": ..., "arguments": {...}}`, without its id."""
    return {"name": call.name, "arguments": dict(call.arguments)}


def json_text(value: Any, where: str) -> str:
    """Return a value as JSON text, not escaped to ASCII.

    Raises:
        BadRow: `bad_unicode`; `where` is its detail.
    """
    text = json.dumps(value, ensure_ascii=False)
    if problem := why_not_utf8(text):
        raise BadRow(problem, where)
    return text


def tools_text(tools: Sequence[Any]) -> str:
    """Return declared tools as JSON text, `"[]"` for none: the filler that no reader trips on."""
    return json_text(list(tools), "tools")
