r"""OpenAI-shaped files for fine-tuning services: Azure, Together, Fireworks, OpenAI itself.

    {"messages": [{"role": "user", "content": "Sky?"},
                  {"role": "assistant", "content": "Blue.", "weight": 1}]}
    {"input": {"messages": [...]}, "preferred_output": [...], "non_preferred_output": [...]}

Tool-call arguments are JSON text here, `weight` stands on assistant messages alone, and no row has
a key that the services' published rules do not name: together with a second shape it would be
refused. OpenAI itself takes no new fine-tuning jobs from 6 January 2027.

There is no place for reasoning, verdicts or scores. A row with reasoning is refused, because an
inline `<think>` block would be learned as part of the answer that users see.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from goldleaf.core.errors import BadRow
from goldleaf.core.json_values import object_or_none
from goldleaf.core.records import Comparison, Demonstration, Record, Turn
from goldleaf.formats.openai import NAME as NAME
from goldleaf.formats.openai import TITLE as TITLE
from goldleaf.formats.openai import read as read
from goldleaf.formats.openai import recognises as recognises
from goldleaf.formats.write_messages import (
    content_of,
    conversation,
    json_text,
    one_message,
    pair,
    results_by_call,
    tools_text,
    without_calls,
)

LOSSY_FIELDS = (
    ("tags", "there is no place for them; the ledger leads back to the record"),
    ("parents", "the ledger leads from a row to its answers"),
    ("turn.reasoning", "there is no place for it: a row that has any is refused"),
    ("judgement", "there is no place for verdicts: a judgement is refused"),
    ("candidates.rank", "a pair says which is better, not by how many places"),
    ("candidates.score", "no score is read"),
    ("candidates.acceptable", "a pair says which is better, not whether either is good"),
    ("candidates.drafted_by", "the answers that the ledger leads to say which model wrote them"),
    ("candidates.origin", "the ledger leads to it"),
    ("strength", "no strength is read"),
    ("turn.name", "a tool's result is named by its call"),
    ("turn.tool_call_id", "where ids are missing or repeated, new ones are given"),
    ("tool_calls.id", "where ids are missing or repeated, new ones are given"),
    ("tools", "a function declared by itself is wrapped in an object of type function"),
    ("turn.train", "kept for SFT as `weight`; preference tuning scores the answer alone"),
)


TABLES = ("sft", "sft_tools", "dpo", "dpo_tools")
"""Rows that declare tools stand apart: they have a key more."""
ADDS_IDS = False

_NAME = re.compile(r"[a-zA-Z0-9_-]{1,64}")
"""What a function may be called, by OpenAI's API reference."""


def write(record: Record) -> dict[str, dict[str, Any]]:
    """Return the row of an example under its table.

    `sft` or `dpo`; `sft_tools` or `dpo_tools` where it declares tools.

    Raises:
        BadRow: `verdict_unsupported`, `reasoning_unsupported`, `nothing_learned`,
            `tools_unsupported`, `tool_name`, `multi_turn_answer`, or what `write_messages` raises.
    """
    match record:
        case Demonstration():
            turns = conversation(record)
            if not any(turn.train for turn in turns if turn.role == "assistant"):
                raise BadRow("nothing_learned", "every turn is context only")
            row = {"messages": list(_messages(turns, weights=True))} | _tools(record)
            return {"sft" + _apart(record): row}
        case Comparison():
            chosen, rejected = map(one_message, pair(record))
            why = "an answer to compare is one text"
            without_calls((chosen, rejected), (), why)
            asked = {"messages": list(_messages(record.context))} | _tools(record)
            outputs = {
                "preferred_output": list(_messages((chosen,))),
                "non_preferred_output": list(_messages((rejected,))),
            }
            return {"dpo" + _apart(record): {"input": asked, **outputs}}
        case _:
            raise BadRow("verdict_unsupported", "there is no place for verdicts")


def _apart(record: Record) -> str:
    return "_tools" if record.tools else ""


def _tools(record: Record) -> dict[str, Any]:
    """Return the declared tools as the objects that the services ask for, checked as text."""
    if not record.tools:
        return {}
    declared: list[Any] = json.loads(tools_text(record.tools))
    return {"tools": [_declared(tool) for tool in declared]}


def _declared(tool: dict[str, Any]) -> dict[str, Any]:
    """Return a declared tool as an object of type function, whatever it is wrapped in."""
    spoken = object_or_none(tool.get("function", tool)) or {}
    _callable(str(spoken.get("name", "")))
    if "function" in tool:
        return tool
    bare = {key: value for key, value in tool.items() if (key, value) != ("type", "function")}
    return {"type": "function", "function": bare}


def _callable(name: str) -> str:
    """Return the name of a function; BadRow `tool_name` where the services take no such name."""
    if not _NAME.fullmatch(name):
        raise BadRow("tool_name", f"{name[:64]!r} is no name of a function for these services")
    return name


def _messages(turns: Sequence[Turn], *, weights: bool = False) -> Iterator[dict[str, Any]]:
    for turn in _with_ids(results_by_call(tuple(turns))):
        if turn.reasoning:
            raise BadRow("reasoning_unsupported", "there is no place for reasoning")
        message: dict[str, Any] = {"role": turn.role, "content": content_of(turn)}
        if turn.tool_calls:
            message["tool_calls"] = [
                {
                    "id": call.id,
                    "type": "function",
                    "function": {
                        "name": _callable(call.name),
                        "arguments": json_text(dict(call.arguments), "arguments"),
                    },
                }
                for call in turn.tool_calls
            ]
        if turn.role == "tool":
            message["tool_call_id"] = turn.tool_call_id
        elif turn.name:
            message["name"] = turn.name
        if weights and turn.role == "assistant":
            message["weight"] = int(turn.train)
        yield message


def _with_ids(turns: Iterator[Turn]) -> Iterator[Turn]:
    """Yield the turns with an id on every call and its result: services refuse calls without."""
    waiting: list[str] = []
    for number, turn in enumerate(turns):
        if turn.role == "tool" and waiting:
            yield replace(turn, tool_call_id=waiting.pop(0))
            continue
        waiting = [call.id for call in turn.tool_calls]
        if len({*waiting, ""}) == len(waiting) + 1:
            yield turn
            continue
        waiting = [f"call_{number}_{place}" for place in range(len(waiting))]
        calls = zip(turn.tool_calls, waiting, strict=True)
        yield replace(turn, tool_calls=tuple(replace(call, id=name) for call, name in calls))
