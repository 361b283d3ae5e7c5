"""Drafting rules for tool_use: what a program sees in an output, and the call where it is certain.

Drafted is a call that stands in a text as JSON, or whose arguments fit their schema once numerals
and truth values are no longer written as text. Whether a call is right is never drafted.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from goldleaf.backend.predictors.predictor import Draft
from goldleaf.backend.rules.texts import text_of
from goldleaf.core.errors import BadRow
from goldleaf.core.json_values import (
    is_object,
    list_or_empty,
    object_or_empty,
    object_or_none,
    objects_in,
)
from goldleaf.core.records import ToolCall, Turn
from goldleaf.core.tool_schemas import declared_tools
from goldleaf.curation.answer_checks.parsed_answers import json_valid, sql_parses
from goldleaf.label_configs.answers import to_annotation
from goldleaf.label_configs.tool_use import codec
from goldleaf.label_configs.tool_use.call_text import parse_turn, turn_text
from goldleaf.label_configs.tool_use.check_output import check_calls

KIND = "tool_use"

PRIORITY: Mapping[str, float] = {
    "as_text": 0.2,
    "misfit": 0.3,
    "undeclared": 0.3,
    "broken": 0.3,
    "empty": 0.8,
}
"""Queue priority by what was noticed; Label Studio serves the lowest first. A call that only needs
to be taken over costs one key: soonest. A prompt without an output takes longest: last."""

MAX_TRIED = 5
"""Places of a text that are tried as the start of a call."""
_MARKER = re.compile(
    r"(?:<\|?(?:tool_call|functioncall|function_call)\|?>|```\w*|Action(?: Input)?:)\s*\Z"
)
_QUOTED = re.compile(r'("arguments"\s*:\s*)\'(\{[^\n]*\})\'')
"""Arguments in single quotes, as older files write JSON text inside of JSON."""


def draft(task: Mapping[str, Any]) -> Draft | None:
    """Return what is noticed of the output, and the call where it is certain; None for nothing.

    Raises:
        BadRow: as `text_of`, for `prompt` and `output`.
    """
    prompt, output = text_of(task, "prompt"), text_of(task, "output")
    record = object_or_empty(object_or_empty(task.get("goldleaf")).get("record"))
    tools = objects_in(record.get("tools"))
    called = _called(record)
    if not output.strip():
        noticed, text = ("empty",), ""
    elif called:
        noticed, text = _of_calls(output, called, tools)
    else:
        noticed, text = _of_text(prompt, output, tools)
    drafted = codec.Answer(output=text, noticed=noticed)
    values = to_annotation(drafted)
    if not values:
        return None
    return Draft(values, score=max(PRIORITY[choice] for choice in noticed))


def _called(record: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the last turn that calls, {} for none."""
    turns = [*objects_in(record.get("context")), *objects_in(record.get("response"))]
    calling = [turn for turn in turns if turn.get("tool_calls")]
    return calling[-1] if calling else {}


def _of_calls(
    output: str, turn: Mapping[str, Any], tools: Sequence[Mapping[str, Any]]
) -> tuple[tuple[str, ...], str]:
    """Return what is wrong with calls, and the text of those that fit once their types do."""
    calls = tuple(
        ToolCall(str(call.get("name")), object_or_empty(call.get("arguments")))
        for call in objects_in(turn.get("tool_calls"))
    )
    reason = _fault(calls, tools)
    if reason == "args_schema":
        typed = tuple(_typed(call, tools) for call in calls)
        said = str(turn.get("content") or "")
        fits = not _fault(typed, tools)
        return ("misfit",), turn_text(Turn("assistant", said, tool_calls=typed)) if fits else ""
    return (("undeclared",) if reason == "tool_unknown" else ()), ""


def _of_text(
    prompt: str, output: str, tools: Sequence[Mapping[str, Any]]
) -> tuple[tuple[str, ...], str]:
    """Return what is wrong with a text, and the call that stands in it where that one fits."""
    for turn in _inside(output, tools):
        typed = replace(turn, tool_calls=tuple(_typed(call, tools) for call in turn.tool_calls))
        fits = not _fault(typed.tool_calls, tools)
        return ("as_text",), turn_text(typed) if fits else ""
    broken = json_valid(output, prompt) is False or sql_parses(output, prompt) is False
    return (("broken",) if broken else ()), ""


def _fault(calls: Sequence[ToolCall], tools: Sequence[Mapping[str, Any]]) -> str:
    try:
        check_calls(calls, tools)
    except BadRow as bad:
        return bad.reason
    return ""


def _inside(text: str, tools: Sequence[Mapping[str, Any]]) -> Iterator[Turn]:
    """Yield the call of a declared tool that a text holds, with what stands before it."""
    declared = declared_tools(tools)
    if not declared:
        return
    text = _QUOTED.sub(r"\1\2", text)
    for found, _ in zip(re.finditer(r"[\[{]", text), range(MAX_TRIED), strict=False):
        try:
            value, _ = _DECODER.raw_decode(text, found.start())
            turn = parse_turn(json.dumps(value, ensure_ascii=False), Turn("assistant"))
        except (ValueError, BadRow, RecursionError):
            continue
        if all(call.name in declared for call in turn.tool_calls):
            before = _MARKER.sub("", text[: found.start()]).strip()
            yield Turn("assistant", before, tool_calls=turn.tool_calls)
            return


_DECODER = json.JSONDecoder()


def _typed(call: ToolCall, tools: Sequence[Mapping[str, Any]]) -> ToolCall:
    """Return a call whose numerals and truth values are no text where its schema wants none."""
    tool = declared_tools(tools).get(call.name)
    schema = object_or_empty(tool.schema) if tool else {}
    return ToolCall(call.name, _as_declared(dict(call.arguments), schema), call.id)


def _as_declared(value: Any, schema: Mapping[str, Any]) -> Any:
    if (fields := object_or_none(value)) is not None:
        known = object_or_empty(schema.get("properties"))
        return {
            name: _as_declared(part, object_or_empty(known.get(name)))
            for name, part in fields.items()
        }
    if isinstance(value, list) and is_object(schema.get("items")):
        return [_as_declared(part, schema["items"]) for part in list_or_empty(value)]
    if not isinstance(value, str):
        return value
    match schema.get("type"):
        case "integer" if re.fullmatch(r"-?[0-9]{1,15}", value.strip()):
            return int(value)
        case "number" if re.fullmatch(r"-?[0-9]{1,15}(?:\.[0-9]{1,15})?", value.strip()):
            return float(value) if "." in value else int(value)
        case "boolean" if value.strip().lower() in ("true", "false"):
            return value.strip().lower() == "true"
        case _:
            return value
