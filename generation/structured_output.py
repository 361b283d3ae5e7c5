"""JSON Schemas that a server is asked to keep to, and whether it does.

Servers ignore what they do not know: `transformers serve` 5.23 takes a schema and answers free
text. So a small schema is tried before one is sent, and what comes is checked all the same.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from goldleaf.core.json_depth import loads
from goldleaf.core.json_values import object_or_empty

TRIED: Mapping[str, Any] = {
    "type": "object",
    "properties": {"goldleaf": {"type": "integer"}},
    "required": ["goldleaf"],
    "additionalProperties": False,
}
"""A schema that no free answer keeps to."""
_FENCE = re.compile(r"\A```\w*\s*(.*?)\s*```\Z", re.DOTALL)


def with_schema(body: Mapping[str, Any], schema: Mapping[str, Any]) -> dict[str, Any]:
    """Return the body of a request for chat completions that asks for a JSON Schema."""
    asked = {"name": "goldleaf", "schema": dict(schema), "strict": True}
    return {**body, "response_format": {"type": "json_schema", "json_schema": asked}}


def keeps_tried(text: str) -> bool:
    """Return whether a text keeps to `TRIED`."""
    found = object_in(text)
    return set(found) == {"goldleaf"} and type(found["goldleaf"]) is int


def object_in(text: str, *, fenced: bool = False) -> Mapping[str, Any]:
    """Return the JSON object that a text is, an empty one where it is none.

    Args:
        text: an answer of a model.
        fenced: one fence of backticks may be around the object.
    """
    inner = _FENCE.match(text.strip()) if fenced else None
    try:
        return object_or_empty(loads(inner[1] if inner else text))
    except ValueError:
        return {}
