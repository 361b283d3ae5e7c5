"""What a parsed JSON value is: an object, a list, or neither."""

from __future__ import annotations

from typing import Any, cast


def as_object(value: Any) -> dict[str, Any] | None:
    """Return the value if it is an object."""
    return cast("dict[str, Any]", value) if isinstance(value, dict) else None


def is_packed(value: Any) -> bool:
    """Tell whether a text is a list of messages as JSON, as flat files carry conversations."""
    return isinstance(value, str) and value.startswith(_PACKED)


_PACKED = ('[{"role"', '[{"content"', '[{"from"')


def as_list(value: Any) -> list[Any] | None:
    """Return the value if it is a list."""
    return cast("list[Any]", value) if isinstance(value, list) else None
