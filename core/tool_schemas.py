"""What declared tools are called, what arguments they take, and whether a call's arguments fit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, cast

import orjson

from goldleaf.core.json_values import object_or_empty, one_or_many

MAX_CHECKED = 200_000
"""Bytes of a schema and the arguments together above which nothing is checked."""


class DeclaredTool(NamedTuple):
    """A tool as its declaration has it; `schema` is None where it declares no parameters."""

    name: str
    description: str
    schema: Any


class ArgumentsCheck(NamedTuple):
    """Whether arguments fit, None where that cannot be said; `detail` says where they do not."""

    fits: bool | None
    detail: str = ""


def declared_tools(tools: Sequence[Any]) -> dict[str, DeclaredTool]:
    """Return name -> tool, each bare or inside `function` as OpenAI declares it.

    What is no object, or has no name that is a text, is passed over; of two with one name the last
    stands.

    >>> declared_tools([{"name": "add", "parameters": {"type": "object"}}])["add"].schema
    {'type': 'object'}
    """
    found: dict[str, DeclaredTool] = {}
    for tool in tools:
        outer = object_or_empty(tool)
        inner = object_or_empty(outer["function"]) if _has_function(outer) else outer
        name = inner.get("name")
        if isinstance(name, str):
            schema = inner.get("parameters")
            schema = inner.get("input_schema") if schema is None else schema
            found[name] = DeclaredTool(name, str(inner.get("description") or ""), schema)
    return found


def check_arguments(arguments: Any, schema: Any) -> ArgumentsCheck:
    """Return whether the arguments of a call fit the JSON Schema of its tool, and where not.

    It cannot be said where the schema is broken, too large (`MAX_CHECKED`), or points to another
    document; nothing is fetched. Of several faults the first is reported, by its place:
    `arguments.city`.

    >>> check_arguments({}, {"type": "object", "required": ["city"]}).detail
    'arguments.city is required'
    """
    if schema is None:
        fits = isinstance(arguments, Mapping)
        return ArgumentsCheck(fits, "" if fits else "the arguments must be an object")
    if len(orjson.dumps([schema, arguments], default=str)) > MAX_CHECKED:
        return ArgumentsCheck(None)
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import SchemaError
    from referencing.exceptions import Unresolvable

    try:
        Draft202012Validator.check_schema(schema)
        faults = cast("Any", Draft202012Validator(schema)).iter_errors(arguments)
        first = min(faults, key=lambda fault: list(map(str, fault.absolute_path)), default=None)
    except (SchemaError, Unresolvable, RecursionError):
        return ArgumentsCheck(None)
    except Exception:  # a regular expression of the schema may be broken in ways of its own
        return ArgumentsCheck(None)
    return ArgumentsCheck(True) if first is None else ArgumentsCheck(False, _detail(first))


def _has_function(tool: Mapping[str, Any]) -> bool:
    return isinstance(tool.get("function"), Mapping)


def _detail(fault: Any) -> str:
    """Return one fault as a short sentence; what jsonschema says would repeat whole values."""
    place = "arguments"
    for part in fault.absolute_path:
        place += f"[{part}]" if isinstance(part, int) else f".{part}"
    value = orjson.dumps(fault.instance, default=str).decode()[:60]
    match fault.validator:
        case "required":
            absent = next(name for name in fault.validator_value if name not in fault.instance)
            return f"{place}.{absent} is required"
        case "additionalProperties" if fault.validator_value is False:
            known = object_or_empty(fault.schema.get("properties"))
            strange = next((name for name in fault.instance if name not in known), "")
            return f"{place}.{strange} is not declared"
        case "type":
            return f"{place} must be of type {_types(fault.validator_value)}, and is {value}"
        case "enum":
            allowed = ", ".join(str(each) for each in fault.validator_value)[:120]
            return f"{place} must be one of {allowed}, and is {value}"
        case _:
            return f"{place} breaks the rule {fault.validator}, and is {value}"


def _types(declared: Any) -> str:
    return " or ".join(map(str, one_or_many(declared)))
