"""JSON values from outside, narrowed without trust: a wrong shape becomes empty or None."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

_JSON_MESSAGES = ('[{"role"', '[{"content"', '[{"from"')


def is_object(value: object) -> bool:
    """Return whether `value` is a JSON object."""
    return isinstance(value, Mapping)


def object_or_empty(value: object) -> Mapping[str, Any]:
    """Return `value` if it is a JSON object, else an empty one."""
    return cast("Mapping[str, Any]", value) if isinstance(value, Mapping) else {}


def object_or_none(value: Any) -> dict[str, Any] | None:
    """Return `value` if it is a JSON object, else None."""
    return cast("dict[str, Any]", value) if isinstance(value, dict) else None


def objects_in(values: object) -> list[Mapping[str, Any]]:
    """Return the JSON objects in a JSON list; anything else in it is passed over."""
    return [object_or_empty(value) for value in list_or_empty(values) if is_object(value)]


def list_or_empty(values: object) -> list[object]:
    """Return `values` if it is a JSON list, else an empty one."""
    return cast("list[object]", values) if isinstance(values, list) else []


def list_or_none(value: Any) -> list[Any] | None:
    """Return `value` if it is a JSON list, else None."""
    return cast("list[Any]", value) if isinstance(value, list) else None


def one_or_many(value: object) -> list[object]:
    """Return a JSON list as it is, and any other value as a list of one."""
    return cast("list[object]", value) if isinstance(value, list) else [value]


def is_json_messages(value: Any) -> bool:
    """Return whether a text is a list of messages as JSON, as flat files carry conversations."""
    return isinstance(value, str) and value.startswith(_JSON_MESSAGES)
