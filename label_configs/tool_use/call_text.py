r"""Tool calls as the text of an edit box, and back.

    Let me look that up.

    {
      "name": "get_weather",
      "arguments": {"city": "Lyon"}
    }

What is said with a call stands before it; several calls are a JSON list.
"""

from __future__ import annotations

import json
import re
from typing import Any

from goldleaf.core.errors import BadRow
from goldleaf.core.json_depth import TOO_DEEP, is_deep
from goldleaf.core.json_values import list_or_none, object_or_empty, object_or_none
from goldleaf.core.records import ToolCall, Turn

_JSON_BEGINS = re.compile(r"^[ \t]*[\[{]", re.MULTILINE)


def turn_text(turn: Turn) -> str:
    """Return what a turn says and calls as one text: `parse_turn` reads it back."""
    calls = [{"name": call.name, "arguments": dict(call.arguments)} for call in turn.tool_calls]
    if not calls:
        return turn.content
    written = json.dumps(calls if len(calls) > 1 else calls[0], ensure_ascii=False, indent=2)
    return f"{turn.content.rstrip()}\n\n{written}" if turn.content.strip() else written


def parse_turn(text: str, before: Turn) -> Turn:
    """Return the turn that a text with calls says; `before` is the turn that was shown.

    Ids are those of the calls shown, in their order, then `call_1` and so on. A call may be written
    as OpenAI writes it, inside `function` and with its arguments as JSON text.

    Raises:
        BadRow: `call_json`, with the line and column, or what is wrong with which call.
    """
    begins = _JSON_BEGINS.search(text)
    if begins is None:
        raise BadRow("call_json", "no line begins a call with a brace or a bracket")
    said, written = text[: begins.start()].rstrip(), text[begins.start() :]
    lines_before = text.count("\n", 0, begins.start())
    value = parse_json(written.rstrip(), lines_before)
    found = list_or_none(value)
    found = [value] if found is None else found
    if not found:
        raise BadRow("call_json", "the list holds no call")
    ids = [call.id for call in before.tool_calls]
    calls = tuple(
        _call(call, number, ids[number - 1] if number <= len(ids) else f"call_{number}")
        for number, call in enumerate(found, 1)
    )
    return Turn("assistant", said, before.reasoning, calls, train=before.train)


def parse_json(text: str, lines_before: int = 0) -> Any:
    """Parse a JSON text strictly: no key twice, no NaN.

    Raises:
        BadRow: `call_json`, with the line and column; `lines_before` lines stand before the text.
    """
    if is_deep(text):
        raise BadRow("call_json", TOO_DEEP)
    try:
        return _DECODER.decode(text.strip(" \t\r\n"))
    except json.JSONDecodeError as error:
        place = f"line {error.lineno + lines_before}, column {error.colno}"
        raise BadRow("call_json", f"{place}: {error.msg}") from None
    except (RecursionError, ValueError):  # a number of thousands of digits
        raise BadRow("call_json", TOO_DEEP) from None


def _call(value: Any, number: int, id: str) -> ToolCall:
    outer = object_or_empty(value)
    spoken = object_or_none(outer.get("function")) or outer
    name, arguments = spoken.get("name"), spoken.get("arguments", spoken.get("parameters"))
    if not isinstance(name, str) or not name.strip():
        raise BadRow("call_json", f"call {number} has no name")
    if isinstance(arguments, str):
        arguments = parse_json(arguments or "{}")
    given = object_or_none({} if arguments is None else arguments)
    if given is None:
        raise BadRow("call_json", f"call {number}: the arguments must be an object")
    return ToolCall(name, given, id)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = sorted({name for name in names if names.count(name) > 1})
        raise BadRow("call_json", f"a key comes twice: {', '.join(twice)}")
    return found


def _constant(text: str) -> float:
    raise BadRow("call_json", f"{text} is no JSON")


_DECODER = json.JSONDecoder(object_pairs_hook=_object, parse_constant=_constant)
