r"""LLaMA-Factory's sharegpt rows, read: conversations (SFT), pairs (DPO, reward), verdicts (KTO).

    {"conversations": [{"from": "human", "value": "Sky?"}],
     "chosen": {"from": "gpt", "value": "Blue."}, "rejected": {"from": "gpt", "value": "Green."}}

A turn from `function_call` holds a call as JSON, or a list of parallel calls; text before a
call stands before `<tool_call>`, reasoning in front as a `<think>` block. `observation` is what the
tool answered; answers to parallel calls are one observation, a JSON list in the order of the calls.

`goldleaf.trainers.llamafactory.rows` writes them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from goldleaf.core.errors import BadRow
from goldleaf.core.json_values import list_or_none, object_or_none
from goldleaf.core.records import Candidate, Comparison, Demonstration, Judgement, Record, Turn
from goldleaf.formats.boolean_labels import verdict_of
from goldleaf.formats.format import Row
from goldleaf.formats.read_messages import check_context, check_order, read_turns, text_of, tools_of
from goldleaf.formats.strict_json import parse_inside, parse_text

NAME = "llamafactory"
TITLE = "LLaMA-Factory's sharegpt conversations, with dataset_info.json"


def recognises(row: Row) -> bool:
    """Return whether a row fits LLaMA-Factory's sharegpt: its column `conversations` holds a list.

    Its other columns (`chosen`, `kto_tag`) make no difference.
    """
    return isinstance(row.get("conversations"), list)


def read(row: Row) -> Record:
    """Return a pair as a comparison, a tagged row as a judgement, the rest as a demonstration.

    Raises:
        BadRow: `trailing_user`, `missing_field`, `identical_pair`, `bad_label`, or what `tools_of`,
            `read_turns`, `check_context` and `check_order` raise.
    """
    tools = tools_of(row.get("tools"))
    turns = _turns(row.get("conversations"), "conversations")
    system = row.get("system") or ""
    if system and turns[0].role != "system":
        turns = (Turn("system", text_of(system, "system")), *turns)
    if "chosen" in row or "rejected" in row:
        check_context(turns, tools)
        for side in ("chosen", "rejected"):
            if row.get(side) is None:
                raise BadRow("missing_field", f"no {side} answer")
        answers = [_turns([row[side]], side) for side in ("chosen", "rejected")]
        for answer in answers:
            check_order((*turns, *answer), tools)
        if answers[0] == answers[1]:
            raise BadRow("identical_pair", "chosen and rejected are the same")
        pair = tuple(Candidate(answer, rank=rank) for rank, answer in enumerate(answers, 1))
        return Comparison(turns, pair, tools)
    if turns[-1].role != "assistant":
        raise BadRow("trailing_user", f"the last turn is of the {turns[-1].role}")
    check_order(turns, tools)
    check_context(turns[:-1], tools)
    if row.get("kto_tag") is not None:
        return Judgement(turns[:-1], turns[-1:], tools, good=verdict_of(row["kto_tag"]))
    return Demonstration(turns[:-1], turns[-1:], tools)


def _turns(value: Any, where: str) -> tuple[Turn, ...]:
    messages = [_message(message, where) for message in list_or_none(value) or []]
    return read_turns(list(_observations(messages)), where)


def _message(value: Any, where: str) -> Any:
    """Return a message with a spelled-out function call where its role says so."""
    message = object_or_none(value)
    if message is None or message.get("from") != "function_call":
        return value
    before, text = _split_call(text_of(message.get("value"), where))
    called = parse_inside(text, where, "tool_args_json")
    return {"role": "assistant", "content": before, "tool_calls": list_or_none(called) or [called]}


_CALL = re.compile(r"\A(?P<before>.+?)<tool_call>(?P<json>.*)</tool_call>\Z", re.DOTALL)
_THOUGHT = re.compile(r"\A\s*(?P<before><think>.*?</think>\s*)(?P<json>[\[{].*)\Z", re.DOTALL)


def _split_call(text: str) -> tuple[str, str]:
    """Return the text and reasoning before a call, and the call."""
    found = _CALL.match(text) or _THOUGHT.match(text)
    return (found["before"], found["json"]) if found else ("", text)


def _observations(messages: Sequence[Any]) -> Iterator[Any]:
    """Yield messages, one observation for each of several parallel calls."""
    calls = 1
    for value in messages:
        message = object_or_none(value) or {}
        results: list[Any] | None = None
        if message.get("from") == "observation" and calls > 1:
            results = _list_of(message.get("value"), calls)
        yield from [{"role": "tool", "content": r} for r in results] if results else [value]
        calls = len(list_or_none(message.get("tool_calls")) or [None])


def _list_of(value: Any, length: int) -> list[Any] | None:
    try:
        found = list_or_none(parse_text(value)) if isinstance(value, str) else None
    except BadRow:
        return None
    texts = found is not None and all(isinstance(result, str) for result in found)
    return found if found is not None and texts and len(found) == length else None
