"""What a model is asked to draft for a task, and whether what it wrote is a draft.

What a model writes is only ever a text in a box that an annotator sees and edits. A call of a tool
is asked for with the schemas of the declared tools, and is no draft unless it fits them.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any, NamedTuple

from goldleaf.backend.fenced_data import fenced_turns, holds_fence
from goldleaf.backend.fenced_data import prompts_version as version_of
from goldleaf.backend.rules.texts import text_of
from goldleaf.core.errors import BadRow
from goldleaf.core.json_depth import loads
from goldleaf.core.json_values import (
    list_or_none,
    object_or_empty,
    object_or_none,
    objects_in,
)
from goldleaf.core.records import ToolCall, Turn
from goldleaf.core.text_comparison import same_text, why_not_utf8
from goldleaf.core.tool_schemas import declared_tools
from goldleaf.generation.generator import Request, Sampling
from goldleaf.label_configs.tool_use.call_text import turn_text
from goldleaf.label_configs.tool_use.check_output import check_calls

CONTROLS = {
    "instruction": "answer",
    "refusal": "corrected",
    "reasoning": "critique",
    "tool_use": "output",
}
"""The control that a model drafts, by kind: a text that the annotator is asked to write."""
_SHOWN = {"instruction": "answer", "refusal": "answer", "tool_use": "output"}
"""The field with what is there already; a draft that is the same says nothing."""
MAX_TOKENS = 1024
_LONGEST = 100_000
"""Characters of a draft; no annotator reads more."""
_NOTHING_WRONG = frozenset(("none", "无", "没有"))
"""What a critique is where the model finds nothing to criticise."""


class Drafted(NamedTuple):
    """What an answer of a model is as a draft: `text`, or the code of `undrafted` why none."""

    text: str = ""
    reason: str = ""


def drafting_request(kind: str, task: Mapping[str, Any]) -> Request | None:
    """Return what to ask for a task's data, None where there is nothing to write about.

    Args:
        kind: a name in `CONTROLS`.
        task: the task's data.

    Raises:
        BadRow: as `text_of`, for the fields of the kind.
    """
    prompt = text_of(task, "prompt")
    data: dict[str, Any] = {"conversation": _conversation(task, prompt)}
    schema = None
    if kind == "reasoning":
        data |= {"chain": text_of(task, "chain"), "final": text_of(task, "final")}
        if not data["chain"].strip():
            return None
    elif kind == "tool_use":
        tools = objects_in(_record(task).get("tools"))
        data |= {"tools": list(tools), "output": text_of(task, "output")}
        schema = step_schema(tools)
        if schema is None:
            return None
    else:
        data["answer"] = text_of(task, "answer")
    return Request(fenced_turns(kind, data, prompt), Sampling(0.0, MAX_TOKENS), schema)


def read_draft(kind: str, text: str, task: Mapping[str, Any]) -> Drafted:
    """Return what a text of a model is as a draft for a task.

    `model_kept` where it is what is shown, or says that nothing is wrong; `model_failed` where it
    cannot be one: too long, with a mark of the fence, or a step that the tools do not take.
    """
    if kind == "tool_use":
        text = _step_text(text, objects_in(_record(task).get("tools")))
    if kind == "reasoning" and text.strip().strip(".。").casefold() in _NOTHING_WRONG:
        return Drafted(reason="model_kept")
    if not text.strip() or len(text) > _LONGEST or why_not_utf8(text) or holds_fence(text):
        return Drafted(reason="model_failed")
    kept = kind in _SHOWN and same_text(text, str(task.get(_SHOWN[kind], "")))
    return Drafted(reason="model_kept") if kept else Drafted(text)


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


@cache
def prompts_version() -> str:
    """Return 6 hex digits that change with any of the prompts."""
    return version_of(CONTROLS)


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


def _record(task: Mapping[str, Any]) -> Mapping[str, Any]:
    return object_or_empty(object_or_empty(task.get("goldleaf")).get("record"))


def _conversation(task: Mapping[str, Any], prompt: str) -> list[dict[str, str]]:
    """Return the turns before the answer; of a task that was changed, the prompt shown alone."""
    turns = [
        {"role": str(turn.get("role")), "content": str(turn.get("content", ""))}
        for turn in objects_in(_record(task).get("context"))
    ]
    if any(turn["content"] == prompt for turn in turns[-1:]) or (
        turns and turns[-1]["role"] == "tool"
    ):
        return turns
    return [{"role": "user", "content": prompt}]
