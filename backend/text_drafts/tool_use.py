"""Texts for tool use: the next step. A call that does not fit its tool's schema is no draft."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from goldleaf.backend.rules.texts import text_of
from goldleaf.backend.text_drafts.text_request import (
    Box,
    Drafted,
    TextRequest,
    asked,
    conversation,
    record_of,
    texts_of,
)
from goldleaf.core.errors import BadRow
from goldleaf.core.json_depth import loads
from goldleaf.core.json_values import list_or_none, object_or_empty, object_or_none, objects_in
from goldleaf.core.records import ToolCall, Turn
from goldleaf.core.tool_schemas import declared_tools
from goldleaf.generation.generator import Answer
from goldleaf.label_configs.tool_use.call_text import turn_text
from goldleaf.label_configs.tool_use.check_output import check_calls

KIND = "tool_use"
PROMPTS = ("tool_use",)


def requests(task: Mapping[str, Any]) -> list[TextRequest]:
    """Return what to ask for a task's data; nothing where no tool is declared.

    Raises:
        BadRow: as `text_of`, for `prompt` and `output`.
    """
    prompt, output = text_of(task, "prompt"), text_of(task, "output")
    tools = objects_in(record_of(task).get("tools"))
    schema = step_schema(tools)
    if schema is None:
        return []
    turns = conversation(task, prompt)
    data = {"conversation": turns, "tools": list(tools), "output": output}
    box = Box("output", output, before=texts_of(turns))

    def read(answer: Answer) -> Drafted:
        if answer.cut:
            return Drafted(reason="model_cut")
        return box.read_text(_step_text(answer.text, tools))

    return [TextRequest(asked("tool_use", data, prompt, schema), read)]


def step_schema(tools: list[Mapping[str, Any]]) -> dict[str, Any] | None:
    """Return the JSON Schema of a step with these tools; None where none is declared.

    What a tool's own schema defines under `$defs` is not reachable from inside this one: such a
    tool takes any arguments here, and is held to its schema when the answer is read.
    """
    declared = declared_tools(tools)
    calls = [
        {
            "type": "object",
            "properties": {"name": {"const": name}, "arguments": _closed(tool.schema)},
            "required": ["name", "arguments"],
            "additionalProperties": False,
        }
        for name, tool in declared.items()
    ]
    if not calls:
        return None
    return {
        "type": "object",
        "properties": {
            "text": {"type": "string"},
            "calls": {"type": "array", "items": {"anyOf": calls}},
        },
        "required": ["text", "calls"],
        "additionalProperties": False,
    }


def _closed(schema: Any) -> Any:
    """Return the schema of a tool's arguments, any object where it refers to another place."""
    given = object_or_none(schema)
    if given is None or "$ref" in str(given):
        return {"type": "object"}
    return {"type": "object", **given}


def _step_text(text: str, tools: list[Mapping[str, Any]]) -> str:
    """Return a step as the box holds it, "" where it does not keep to its form or its tools."""
    try:
        step = object_or_empty(loads(text))
        calls = list_or_none(step.get("calls"))
        said = step.get("text", "")
        if calls is None or not isinstance(said, str):
            return ""
        made = [_call(call) for call in calls]
        if made:
            check_calls(made, tools)
    except (ValueError, BadRow):
        return ""
    return turn_text(Turn("assistant", said, tool_calls=tuple(made)))


def _call(value: Any) -> ToolCall:
    call = object_or_empty(value)
    name, arguments = call.get("name"), object_or_none(call.get("arguments"))
    if not isinstance(name, str) or arguments is None:
        raise BadRow("call_json", "a call without a name or arguments")
    return ToolCall(name, arguments)
