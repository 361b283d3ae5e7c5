r"""Calls and results that stand as messages of their own, as ms-swift writes them.

{"role": "tool_call", "content": "{\"name\": \"clock\", \"arguments\": {}}"}
{"role": "tool_response", "content": "12:00"}
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from goldleaf.core.json_values import object_or_none
from goldleaf.formats.strict_json import parse_inside

CALL, RESULT = "tool_call", "tool_response"


def has_call_messages(messages: Sequence[Any]) -> bool:
    """Return whether some message is a call or a result by its role: `tool_call`, `tool_response`.

    Elements that are no objects are passed over.
    """
    return any((object_or_none(value) or {}).get("role") in (CALL, RESULT) for value in messages)


def merge_call_messages(messages: Sequence[Any]) -> Iterator[Any]:
    """Yield messages with the calls that follow an assistant's words put into its message.

    Calls that follow no words make a message of their own; results get the role `tool`. All else is
    yielded as it is.

    Raises:
        BadRow: `tool_args_json`, or what `parse_inside` raises.
    """
    waiting: dict[str, Any] | None = None
    for value in messages:
        message = object_or_none(value) or {}
        if message.get("role") == CALL:
            waiting = waiting or {"role": "assistant", "content": "", "loss": message.get("loss")}
            waiting.setdefault("tool_calls", []).append(_call(message.get("content")))
            continue
        if waiting is not None:
            yield waiting
            waiting = None
        role = message.get("role")
        if role == "assistant":
            waiting = dict(message)
        else:
            yield {**message, "role": "tool"} if role == RESULT else value
    if waiting is not None:
        yield waiting


def _call(value: Any) -> Any:
    return parse_inside(value, CALL, "tool_args_json") if isinstance(value, str) else value
