"""Messages of a chat as turns: whatever a file calls its roles, however it writes its calls."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from goldleaf.core.errors import BadRow
from goldleaf.core.json_values import list_or_none, object_or_none
from goldleaf.core.records import Role, ToolCall, Turn
from goldleaf.core.text_comparison import why_not_utf8
from goldleaf.formats.strict_json import parse_inside
from goldleaf.formats.tool_messages import has_call_messages, merge_call_messages

ROLES: dict[str, Role] = {
    "system": "system",
    "developer": "system",
    "user": "user",
    "human": "user",
    "prompter": "user",
    "assistant": "assistant",
    "gpt": "assistant",
    "ai": "assistant",
    "bot": "assistant",
    "model": "assistant",
    "tool": "tool",
    "function": "tool",
    "observation": "tool",
}
"""Every role name read; a trainer's template would drop a name it does not know, in silence."""

_THINKING = re.compile(r"\A\s*<think>\n?(.*?)\n?</think>(?:\n\n|\n)?(.*)\Z", re.DOTALL)


def text_of(value: Any, where: str) -> str:
    """Return `value` unchanged, checked: a text, "" too, that can be written as UTF-8.

    Args:
        value: from a row.
        where: its place in the row, for the error.

    Raises:
        BadRow: `not_text`, `bad_unicode` (a lone surrogate) or `control_chars` (NUL).
    """
    if not isinstance(value, str):
        raise BadRow("not_text", f"{where} is {json.dumps(value)[:60]}, not a text")
    if problem := why_not_utf8(value):
        raise BadRow(problem, where)
    return value


def answer_of(value: Any, where: str) -> str:
    """Return the text of an answer (`value`), which must have more than white space.

    `where` names it in errors.

    Raises:
        BadRow: `empty_response` for nothing but white space, or what `text_of` raises.
    """
    text = text_of(value, where)
    if not text.strip():
        raise BadRow("empty_response", f"{where} is empty")
    return text


def read_turns(value: Any, where: str) -> tuple[Turn, ...]:
    """Read a list of messages: role/content or from/value, in any of the role names of `ROLES`.

    A content is a text, a list of parts or null; calls are read from `tool_calls`, `function_call`,
    parts or messages of their own; reasoning from `reasoning_content`, `reasoning`, parts or a
    leading `<think>` block. A `weight`, `loss`, `loss_weight` or `train` that says no makes an
    answer context only. Other keys are ignored. The order is not checked (`check_order`).

    Raises:
        BadRow: `bad_messages` (also for an empty list), `bad_role`, `empty_turn`,
            `empty_reasoning`, `tool_args_json`, or what `text_of` raises.
    """
    messages = list_or_none(value)
    if not messages:
        raise BadRow("bad_messages", f"{where} must be a list of messages")
    if has_call_messages(messages):
        messages = list(merge_call_messages(messages))
    return tuple(_turn(message, f"{where}[{index}]") for index, message in enumerate(messages))


def _turn(value: Any, where: str) -> Turn:
    message = object_or_none(value)
    if message is None:
        raise BadRow("bad_messages", f"{where} is no message")
    named = message.get("role", message.get("from"))
    role = ROLES.get(named.strip().lower()) if isinstance(named, str) else None
    if role is None:
        raise BadRow("bad_role", f"{where}: {named!r}")
    called = list_or_none(message.get("tool_calls")) or [message.get("function_call")]
    calls = tuple(_call(call, where) for call in called if call is not None)
    raw = message.get("content", message.get("value"))
    content, thought, more = _content(message.get("refusal") if raw is None else raw, where)
    calls = (*calls, *more)
    if role != "tool" and _is_result(raw):
        raise BadRow("not_text", f"{where} ({role}) holds what a tool answered")
    if not content.strip() and not calls and role != "tool":
        raise BadRow("empty_turn", f"{where} ({role}) says nothing")
    reasoning = message.get("reasoning_content") or message.get("reasoning") or thought
    reasoning = text_of(reasoning, where) if reasoning else ""
    if role == "assistant" and not reasoning and (split := _THINKING.match(content)):
        reasoning, content = split.groups()
        if not reasoning:
            raise BadRow("empty_reasoning", f"{where} has an empty <think> block")
        if not content.strip() and not calls:
            raise BadRow("empty_turn", f"{where} thinks and says nothing")
    return Turn(
        role,
        content,
        reasoning,
        calls,
        text_of(message.get("tool_call_id") or "", where),
        text_of(message.get("name") or "", where),
        train=role != "assistant" or not any(_denied(message.get(key)) for key in _LEARNED),
    )


_LEARNED = ("weight", "loss", "loss_weight", "train")
"""Keys by which files say that an answer is context only; of others nothing is learned anyway."""


def _denied(value: Any) -> bool:
    """Return whether a flag or weight says no, as a text too: flat files know nothing else."""
    return value == 0 or (isinstance(value, str) and value.strip().lower() in ("0", "0.0", "false"))


def _is_result(value: Any) -> bool:
    types = {(object_or_none(part) or {}).get("type") for part in list_or_none(value) or ()}
    return not types.isdisjoint(("tool", "tool_result"))


def _content(value: Any, where: str) -> tuple[str, str, tuple[ToolCall, ...]]:
    """Return (text, reasoning, calls) of a content that is a text, a list of parts, or null."""
    if value is None:
        return "", "", ()
    parts = list_or_none(value)
    if parts is None:
        return text_of(value, f"{where}.content"), "", ()
    texts: dict[str, list[str]] = {"text": [], "reasoning": []}
    calls: list[ToolCall] = []
    for part in map(object_or_none, parts):
        named = (part or {}).get("type")
        kind = _PARTS.get(named) if isinstance(named, str) else None
        if kind is None or part is None:
            raise BadRow("not_text", f"{where}.content holds a part of type {named!r}")
        if kind == "call":
            calls += _part_calls(part, where)
        else:
            keys = [key for key in _PART_TEXTS if part.get(key) is not None]
            texts[kind].append(text_of(part[keys[0]] if keys else None, where))
    return "".join(texts["text"]), "".join(texts["reasoning"]), tuple(calls)


def _part_calls(part: dict[str, Any], where: str) -> list[ToolCall]:
    """Return the calls of a part: beside its type, in an object of its own, or as JSON text."""
    inner = next((part[key] for key in ("tool_call", "value", "text") if part.get(key)), part)
    if isinstance(inner, str):
        inner = parse_inside(inner, where, "tool_args_json")
    return [_call(call, where) for call in list_or_none(inner) or [inner]]


_PARTS = {
    "text": "text",
    "input_text": "text",
    "output_text": "text",
    "tool": "text",  # what a tool answered, in a turn of the tool
    "tool_result": "text",
    "reasoning": "reasoning",
    "thinking": "reasoning",
    "tool_call": "call",
    "tool_use": "call",
    "function_call": "call",
}
_PART_TEXTS = ("text", "value", "reasoning", "thinking", "content", "output")


def _call(value: Any, where: str) -> ToolCall:
    call = object_or_none(value) or {}
    spoken = object_or_none(call.get("function", call)) or {}
    if not spoken.get("name"):
        raise BadRow("bad_messages", f"{where}: a tool call needs a function with a name")
    return ToolCall(
        text_of(spoken["name"], where),
        arguments_of(next((spoken[key] for key in _ARGUMENTS if key in spoken), None), where),
        text_of(call.get("id") or "", where),
    )


_ARGUMENTS = ("arguments", "parameters", "input")


def arguments_of(value: Any, where: str) -> dict[str, Any]:
    """Return the arguments of a call as a dict, from a dict or its JSON text; {} for null and "".

    Raises:
        BadRow: `tool_args_json`, or what a strict parser refuses (`dup_key`, `non_finite`).
    """
    if isinstance(value, str):
        value = parse_inside(value or "{}", where, "tool_args_json")
    if value is None:
        return {}
    arguments = object_or_none(value)
    if arguments is None:
        raise BadRow("tool_args_json", f"{where}: arguments must be an object")
    return arguments


def tools_of(value: Any) -> tuple[Mapping[str, Any], ...]:
    """Return the declared tools, from a list or its JSON text; none for null, "" and "[]".

    Each is an object as it was, with or without `function` around it; its name and parameters are
    not checked.

    Raises:
        BadRow: `tools_json`, or what a strict parser refuses (`dup_key`, `non_finite`).
    """
    if isinstance(value, str):
        value = parse_inside(value, "tools", "tools_json") if value.strip() else []
    if value is None:
        return ()
    tools = [object_or_none(tool) for tool in list_or_none(value) or [None]] if value != [] else []
    if None in tools or any(
        object_or_none((tool or {}).get("function", {})) is None for tool in tools
    ):
        raise BadRow("tools_json", "tools must be a list of objects, each function an object")
    return tuple(tool for tool in tools if tool is not None)


def check_order(turns: Sequence[Turn], tools: Sequence[Mapping[str, Any]] = ()) -> None:
    """Check that turns are in the order that every trainer requires.

    An optional system turn first; user and assistant by turns; tools answer calls just made. The
    last turn may be anyone's, calls may be without results, and an empty sequence passes. Names of
    calls are checked only where `tools` declares some.

    Raises:
        BadRow: `role_order`, `tool_orphan` or `tool_unknown`.
    """
    before, open_calls = "", set[str]()
    for turn in turns:
        role = turn.role
        if (before, role) not in _IN_ORDER:
            after = f"after {before}" if before else "at the start"
            raise BadRow("role_order", f"{role} {after}")
        if role == "tool" and turn.tool_call_id and turn.tool_call_id not in open_calls:
            raise BadRow("tool_orphan", f"no call has the id {turn.tool_call_id!r}")
        before = role
        if role == "assistant":
            calls = turn.tool_calls
            open_calls = {call.id for call in calls}
            if calls:
                _check_names(calls, tools)
                before = "call"


_IN_ORDER = {
    *(("", "system"), ("", "user"), ("", "assistant")),
    *(("system", "user"), ("user", "assistant"), ("assistant", "user")),
    *(("call", "tool"), ("call", "user"), ("tool", "tool"), ("tool", "assistant")),
}
"""(role before, role); nothing is before the first turn, `call` is an assistant's that calls."""


def _check_names(calls: Sequence[ToolCall], tools: Sequence[Mapping[str, Any]]) -> None:
    declared = {_tool_name(tool) for tool in tools}
    unknown = {call.name for call in calls} - declared
    if unknown and declared:
        raise BadRow("tool_unknown", ", ".join(sorted(unknown)))


def _tool_name(tool: Mapping[str, Any]) -> str:
    spoken = object_or_none(tool.get("function", tool)) or {}
    return str(spoken.get("name", ""))


def check_context(context: Sequence[Turn], tools: Sequence[Mapping[str, Any]] = ()) -> None:
    """Check that a prompt is not empty, is in order, and ends before the assistant's turn.

    Raises:
        BadRow: `no_prompt`, or what `check_order` raises.
    """
    for turn in context:
        if turn.role != "system" and turn.content.strip():
            break
    else:
        raise BadRow("no_prompt", "there is no prompt to answer")
    if context[-1].role not in ("user", "tool"):
        raise BadRow("role_order", f"the prompt ends with a turn of the {context[-1].role}")
    check_order(context, tools)


def ending_before_answer(turns: Sequence[Turn]) -> int:
    """Return how many leading turns make the prompt: up to the last turn of a user or a tool.

    0 where there is no such turn.
    """
    for index in range(len(turns), 0, -1):
        if turns[index - 1].role in ("user", "tool"):
            return index
    return 0
