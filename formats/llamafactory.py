r"""LLaMA-Factory's sharegpt rows: conversations (SFT), pairs (DPO, reward), verdicts (KTO).

    {"conversations": [{"from": "human", "value": "Sky?"}],
     "chosen": {"from": "gpt", "value": "Blue."}, "rejected": {"from": "gpt", "value": "Green."}}

A turn from `function_call` holds a call as JSON, or a list of parallel calls; what is said before a
call stands before `<tool_call>`, reasoning in front as a `<think>` block. `observation` is what the
tool answered; answers to parallel calls are one observation, a JSON list in the order of the calls.

Tested against LLaMA-Factory 0.9.5. It drops a row in silence whose turns do not alternate, whose
answer to compare has more than one message, or whose verdict is no boolean: such rows are refused.
For tools `""` stands where there are none: `"[]"` makes it put an empty system turn in front. Its
`formatting: openai` is not used, because it adds a system prompt of its own to every row
without tools and encodes arguments twice.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from goldleaf.core.errors import BadRow
from goldleaf.core.json_values import list_or_none, object_or_none
from goldleaf.core.records import Candidate, Comparison, Demonstration, Judgement, Record, Turn
from goldleaf.core.translations import Translations
from goldleaf.formats.boolean_labels import verdict_of
from goldleaf.formats.format import Row, Written
from goldleaf.formats.loss_mask import learned_table
from goldleaf.formats.read_messages import check_context, check_order, read_turns, text_of, tools_of
from goldleaf.formats.strict_json import parse_inside, parse_text
from goldleaf.formats.training_files import dataset_info, llamafactory_settings
from goldleaf.formats.write_messages import (
    Turns,
    content_of,
    conversation,
    json_text,
    one_message,
    pair,
    results_by_call,
    spoken_call,
    task,
    thought_of,
    tools_text,
    verdict,
)

NAME = "llamafactory"
TITLE = "LLaMA-Factory's sharegpt conversations, with dataset_info.json"
LOSES: tuple[tuple[str, str], ...] = (
    ("tags", "there is no place for them; the ledger leads back to the record"),
    ("parents", "the ledger leads from a row to its answers"),
    ("candidates.rank", "a pair says which is better, not by how many places"),
    ("candidates.score", "no score is read"),
    ("candidates.acceptable", "a pair says which is better, not whether either is good"),
    ("candidates.drafted_by", "the answers that the ledger leads to say which model wrote them"),
    ("candidates.origin", "the ledger leads to it"),
    ("strength", "no strength is read"),
    ("steps", "only the verdict on the whole answer is read; without one the row is refused"),
    ("reasons", "only the verdict is read"),
    ("turn.train", "the table says it: in `sft_last` only the last turn is learned"),
    ("turn.name", "no name is read"),
    ("turn.tool_call_id", "results stand in the order of their calls"),
    ("tool_calls.id", "results stand in the order of their calls"),
)


def recognises(row: Row) -> bool:
    """Tell by its column `conversations`."""
    return isinstance(row.get("conversations"), list)


def read(row: Row) -> Record:
    """Return a pair as a comparison, a tagged row as a judgement, the rest as a demonstration.

    Raises:
        BadRow: `trailing_user`, `missing_field`, or what `read_turns` and `check_order` raise.
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
    """Return what is said or thought before a call, and the call."""
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


TABLES = ("sft", "sft_last", "dpo", "kto")
"""In `sft_last` the last turn alone is learned."""
MARKED = True


def write(record: Record) -> dict[str, dict[str, Any]]:
    """Return the row of an example.

    Raises:
        BadRow: `mixed_training`, `no_verdict`, `multi_turn_answer`,
            `results_differ`, `tool_call_inline`, `role_order`, or what `write_messages` raises.
    """
    row: dict[str, Any] = {}
    name = task(record)
    match record:
        case Demonstration():
            name = learned_table(record)
            turns = conversation(record)
        case Judgement():
            row["kto_tag"] = verdict(record)
            turns = conversation(record)
        case Comparison():
            turns = record.context
            for side, answer in zip(("chosen", "rejected"), pair(record), strict=True):
                row[side] = _said(one_message(answer))
    system = content_of(turns[0]) if turns[0].role == "system" else ""
    return {
        name: {
            "conversations": list(_alternating(turns[1:] if system else turns)),
            "system": system,
            "tools": tools_text(record.tools) if record.tools else "",
            **row,
        }
    }


def _alternating(turns: Turns) -> Iterator[dict[str, str]]:
    """Yield messages of the two sides by turns, as LLaMA-Factory asks for."""
    if turns[0].role != "user":
        raise BadRow("role_order", "the assistant may not begin")
    results: list[str] = []
    for turn in results_by_call(turns):
        if turn.role == "tool":
            results.append(content_of(turn))
            continue
        if results:
            yield _observation(results)
            results = []
        yield _said(turn)
    if results:
        yield _observation(results)


def _observation(results: list[str]) -> dict[str, str]:
    text = results[0] if len(results) == 1 else json_text(results, "observation")
    return {"from": "observation", "value": text}


def _said(turn: Turn) -> dict[str, str]:
    content = thought_of(turn) + content_of(turn)
    if turn.role == "user":
        return {"from": "human", "value": content}
    if not turn.tool_calls:
        return {"from": "gpt", "value": content}
    calls = [spoken_call(call) for call in turn.tool_calls]
    text = json_text(calls[0] if len(calls) == 1 else calls, "tool_calls")
    if "<tool_call>" in content + text:
        raise BadRow("tool_call_inline", "a call's own words may not hold <tool_call>")
    if turn.content.strip():
        return {"from": "function_call", "value": f"{content}<tool_call>{text}</tool_call>"}
    return {"from": "function_call", "value": thought_of(turn) + text}


COLUMNS = {"messages": "conversations", "system": "system", "tools": "tools"}
"""Once one column is named, LLaMA-Factory takes every other for absent: all are named."""
TAGS = {
    "role_tag": "from",
    "content_tag": "value",
    "user_tag": "human",
    "assistant_tag": "gpt",
    "observation_tag": "observation",
    "function_tag": "function_call",
    "system_tag": "system",
}


def companions(tables: Sequence[Written], words: Translations) -> Mapping[str, str]:
    """Return `dataset_info.json` and one training configuration a table."""
    shape = {"formatting": "sharegpt", "columns": COLUMNS, "tags": TAGS}
    return {
        "dataset_info.json": dataset_info(tables, shape),
        **llamafactory_settings(tables, words),
    }
