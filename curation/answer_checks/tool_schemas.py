"""Do the arguments of tool calls fit the JSON Schemas that the tools declare."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from goldleaf.core.tool_schemas import DeclaredTool, check_arguments, declared_tools


def valid_calls(calls: Sequence[Mapping[str, Any]], tools: Sequence[Any]) -> float | None:
    """Return the share of calls that name a declared tool and fit its schema.

    None where no tool is declared, or a schema cannot be checked: it is broken, too large, or
    points to another document, and nothing is fetched.

    >>> tools = [{"name": "add", "parameters": {"type": "object", "required": ["a"]}}]
    >>> valid_calls([{"name": "add", "arguments": {"a": 1}}, {"name": "add"}], tools)
    0.5
    """
    declared = declared_tools(tools)
    if not declared or not calls:
        return None
    results = [_fits(call, declared) for call in calls]
    if any(result is None for result in results):
        return None
    return sum(map(bool, results)) / len(results)


def _fits(call: Mapping[str, Any], declared: Mapping[str, DeclaredTool]) -> bool | None:
    name, arguments = str(call.get("name")), call.get("arguments")
    if name not in declared:
        return False
    arguments = {} if arguments is None else arguments
    if isinstance(arguments, str):
        try:
            arguments = orjson.loads(arguments)
        except ValueError:
            return False
    return check_arguments(arguments, declared[name].schema).fits
