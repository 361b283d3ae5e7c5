"""Do the arguments of tool calls fit the JSON Schemas that the tools declare."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import orjson

_MOST = 200_000
"""Bytes of a schema or of arguments above which nothing is checked."""


def valid_calls(calls: Sequence[Mapping[str, Any]], tools: Sequence[Any]) -> float | None:
    """Return the share of calls that name a declared tool and fit its schema.

    None where no tool is declared, or a schema cannot be checked: it is broken, too large, or
    points to another document, and nothing is fetched.

    >>> tools = [{"name": "add", "parameters": {"type": "object", "required": ["a"]}}]
    >>> valid_calls([{"name": "add", "arguments": {"a": 1}}, {"name": "add"}], tools)
    0.5
    """
    declared = dict(filter(None, map(_declared, tools)))
    if not declared or not calls:
        return None
    results = [_fits(call, declared) for call in calls]
    if any(result is None for result in results):
        return None
    return sum(map(bool, results)) / len(results)


def _declared(tool: Any) -> tuple[str, Any] | None:
    """Return name and schema of a tool, bare or inside `function` as OpenAI declares it."""
    if not isinstance(tool, Mapping):
        return None
    inner = tool.get("function") if isinstance(tool.get("function"), Mapping) else tool
    name = inner.get("name") if isinstance(inner, Mapping) else None
    if not isinstance(inner, Mapping) or not isinstance(name, str):
        return None
    schema = inner.get("parameters")
    return name, inner.get("input_schema") if schema is None else schema


def _fits(call: Mapping[str, Any], declared: Mapping[str, Any]) -> bool | None:
    name, arguments = str(call.get("name")), call.get("arguments")
    if name not in declared:
        return False
    schema = declared[name]
    arguments = {} if arguments is None else arguments
    if isinstance(arguments, str):
        try:
            arguments = orjson.loads(arguments)
        except ValueError:
            return False
    if schema is None:
        return isinstance(arguments, Mapping)
    if len(orjson.dumps([schema, arguments], default=str)) > _MOST:
        return None
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import SchemaError
    from referencing.exceptions import Unresolvable

    try:
        Draft202012Validator.check_schema(schema)
        return Draft202012Validator(schema).is_valid(arguments)
    except (SchemaError, Unresolvable, RecursionError):
        return None
    except Exception:  # a regular expression of the schema may be broken in ways of its own
        return None
