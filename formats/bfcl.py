"""The Berkeley Function-Calling Leaderboard's rows: question, functions, the calls that are right.

    {"id": "simple_0", "question": [[{"role": "user", "content": "How warm is Lyon?"}]],
     "function": [{"name": "weather", "description": "...",
                   "parameters": {"type": "dict", "properties": {"city": {"type": "string"}}}}],
     "ground_truth": [{"weather": {"city": ["Lyon", "Lyon, France"], "unit": ["", "celsius"]}}]}

For every argument the row lists the values that count as right; the first is taken, and an argument
whose first value is `""` is left out, which is how these rows say that it may be absent. Types such
as `dict` and `float` become those of JSON Schema, because trainers and services know no others.

Rows for which no call is right become prompts without an answer: what to say instead is for people
to write. Rows of several rounds hold neither the functions nor what they answered: refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from goldleaf.core.errors import BadRow
from goldleaf.core.json_values import list_or_none, object_or_none
from goldleaf.core.records import Demonstration, ToolCall, Turn
from goldleaf.formats.format import Row
from goldleaf.formats.read_messages import check_context, check_order, read_turns, text_of

NAME = "bfcl"
TITLE = "Berkeley Function-Calling Leaderboard questions with the calls that are right"

_TYPES = {
    **dict.fromkeys(("dict", "HashMap", "Hashtable"), "object"),
    **dict.fromkeys(("float", "double"), "number"),
    **dict.fromkeys(("tuple", "list", "Array", "ArrayList", "Queue", "Stack"), "array"),
    **dict.fromkeys(("long", "short", "byte", "Bigint"), "integer"),
    **dict.fromkeys(("String", "char"), "string"),
    "bool": "boolean",
}
"""What the rows call a type -> JSON Schema's name; `any` is no constraint."""


def recognises(row: Row) -> bool:
    """Return whether a row fits: `question` as rounds of messages, and functions or classes.

    A list whose first element is a list, with a column `function` or `involved_classes`.
    """
    rounds = list_or_none(row.get("question"))
    return bool(rounds) and list_or_none(rounds[0]) is not None and bool(row.keys() & _ASKS_FOR)


_ASKS_FOR = {"function", "involved_classes"}


def read(row: Row) -> Demonstration:
    """Return the question answered by the calls that are right, or where none is unanswered.

    Raises:
        BadRow: `no_results` (several rounds), `bad_messages`, `tools_json`, `bad_call`, or what
            `read_turns` and `check_order` raise.
    """
    rounds = list_or_none(row.get("question")) or []
    if "function" not in row or len(rounds) != 1:
        raise BadRow("no_results", "several rounds, without the functions and what they answered")
    context = read_turns(rounds[0], "question")
    functions = [object_or_none(function) for function in list_or_none(row["function"]) or [None]]
    if None in functions:
        raise BadRow("tools_json", "function must be a list of functions")
    known = {str(f.get("name")): object_or_none(f.get("parameters")) or {} for f in functions if f}
    tools = tuple({"type": "function", "function": _declared(f)} for f in functions if f)
    check_context(context, tools)
    right = list_or_none(row.get("ground_truth"))
    if not right:
        return Demonstration(context, (), tools)
    calls = tuple(_call(value, number, known) for number, value in enumerate(right, 1))
    response = (Turn("assistant", "", tool_calls=calls),)
    check_order((*context, *response), tools)
    return Demonstration(context, response, tools)


def _declared(function: Mapping[str, Any]) -> Mapping[str, Any]:
    return {**function, "parameters": _schema(function.get("parameters") or {})}


def _schema(value: Any) -> Any:
    """Return a schema with the type names of JSON Schema, all the way down."""
    schema = object_or_none(value)
    if schema is None:
        return value
    found = {key: part for key, part in schema.items() if (key, part) != ("type", "any")}
    kind = found.get("type")
    if isinstance(kind, str):
        found["type"] = _TYPES.get(kind, kind)
    if (properties := object_or_none(found.get("properties"))) is not None:
        found["properties"] = {name: _schema(part) for name, part in properties.items()}
    if "items" in found:
        found["items"] = _schema(found["items"])
    return found


def _call(value: Any, number: int, known: Mapping[str, Mapping[str, Any]]) -> ToolCall:
    call = object_or_none(value)
    if call is None or len(call) != 1:
        raise BadRow("bad_call", f"ground_truth[{number - 1}] is no call of one function")
    ((name, allowed),) = call.items()
    arguments = object_or_none(allowed)
    if arguments is None:
        raise BadRow("bad_call", f"the arguments of {name} are no object")
    needed = list_or_none(known.get(name, {}).get("required")) or []
    return ToolCall(text_of(name, "ground_truth"), _chosen(arguments, needed), f"call_{number}")


def _chosen(allowed: Mapping[str, Any], needed: list[Any]) -> dict[str, Any]:
    """Return for each argument the first value that counts as right."""
    found: dict[str, Any] = {}
    for name, value in allowed.items():
        values = list_or_none(value)
        if not values:
            raise BadRow("bad_call", f"{name} has no list of values")
        accepted = [value for value in values if value != ""] if name in needed else values
        if accepted and accepted[0] != "":
            found[name] = _plain(accepted[0])
    return found


def _plain(value: Any) -> Any:
    """Return a value; inside of one, too, each field of an object lists what counts as right."""
    if (fields := object_or_none(value)) is not None:
        return _chosen(fields, [])
    if (parts := list_or_none(value)) is not None:
        return [_plain(part) if object_or_none(part) is not None else part for part in parts]
    return value
