"""Plain JSON values from outside, narrowed without trust: the wrong shape counts as empty."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast


def mapping(value: object) -> Mapping[str, Any]:
    """Return `value` if it is a JSON object, else an empty one."""
    return cast("Mapping[str, Any]", value) if isinstance(value, Mapping) else {}


def mappings(values: object) -> list[Mapping[str, Any]]:
    """Return the JSON objects in a JSON list; anything else in it is passed over."""
    return [mapping(value) for value in items(values) if is_object(value)]


def items(values: object) -> list[object]:
    """Return `values` if it is a JSON list, else an empty one."""
    return cast("list[object]", values) if isinstance(values, list) else []


def is_object(value: object) -> bool:
    """Tell whether `value` is a JSON object."""
    return isinstance(value, Mapping)


def listed(value: object) -> list[object]:
    """Return a JSON list as it is, and any other value as a list of one."""
    return cast("list[object]", value) if isinstance(value, list) else [value]
