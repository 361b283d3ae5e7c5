"""JSON values from outside, narrowed without trust: a wrong shape becomes empty or None."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

_JSON_MESSAGES = ('[{"role"', '[{"content"', '[{"from"')


def is_object(value: object) -> bool:
    """Return whether `value` is a parsed JSON object: a dict or another `Mapping`."""
    return isinstance(value, Mapping)


def object_or_empty(value: object) -> Mapping[str, Any]:
    """Return `value` itself if it is a parsed JSON object (any `Mapping`), else an empty dict."""
    return cast("Mapping[str, Any]", value) if isinstance(value, Mapping) else {}


def object_or_none(value: Any) -> dict[str, Any] | None:
    """Return `value` itself if it is a parsed JSON object (a `dict` only), else None."""
    return cast("dict[str, Any]", value) if isinstance(value, dict) else None


def objects_in(values: object) -> list[Mapping[str, Any]]:
    """Return the JSON objects in a JSON list, in order; other elements are passed over.

    [] if `values` is not a list.
    """
    return [object_or_empty(value) for value in list_or_empty(values) if is_object(value)]


def list_or_empty(values: object) -> list[object]:
    """Return `values` itself if it is a `list` (a tuple is not), else an empty one."""
    return cast("list[object]", values) if isinstance(values, list) else []


def list_or_none(value: Any) -> list[Any] | None:
    """Return `value` itself if it is a `list` (a tuple is not), else None."""
    return cast("list[Any]", value) if isinstance(value, list) else None


def one_or_many(value: object) -> list[object]:
    """Return a list as it is, and any other value, None too, as a list of one."""
    return cast("list[object]", value) if isinstance(value, list) else [value]


def is_json_messages(value: Any) -> bool:
    """Return whether a value looks like messages as JSON text, as flat files carry conversations.

    Only the first characters are looked at: `[{"` and `role`, `content` or `from`, without spaces.
    The text is not parsed, so broken JSON counts; a list that is already parsed does not.

    >>> is_json_messages('[{"role": "user", '), is_json_messages("[]"), is_json_messages([])
    (True, False, False)
    """
    return isinstance(value, str) and value.startswith(_JSON_MESSAGES)
