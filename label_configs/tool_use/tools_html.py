"""Declared tools as safe HTML: name, what it does, and its parameters with types as a table."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from typing import Any, NamedTuple

from goldleaf.core.json_values import is_object, list_or_empty, object_or_empty, one_or_many
from goldleaf.core.tool_schemas import declared_tools
from goldleaf.label_configs.markdown import shown_characters
from goldleaf.label_configs.safe_html import raw_html

MAX_DEPTH = 4
"""Levels of parameters inside parameters that get rows of their own; the fold shows all."""
MAX_ROWS = 200
MAX_VALUES = 20
"""Values of one parameter that are listed."""
_WRAPPED = 'style="white-space:pre-wrap"'


class _Parameter(NamedTuple):
    name: str
    required: bool
    schema: Mapping[str, Any]


def tools_html(tools: Sequence[Mapping[str, Any]]) -> str:
    """Return declared tools as HTML, the declaration itself in a fold below; "" for no tools.

    Each tool is a block of class `gl-tool-card`; the screen's style says in its language which
    parameters are required (`gl-required`), and that a tool takes none (`gl-no-parameters`).
    """
    if not tools:
        return ""
    cards = [
        _card(tool.name, tool.description, tool.schema) for tool in declared_tools(tools).values()
    ]
    return "".join([*cards, raw_html(json.dumps(tools, ensure_ascii=False, indent=2))])


def code_html(text: str) -> str:
    """Return a program or data as HTML, in letters of one width, exactly as it is."""
    return f'<div class="gl-text gl-code gl-program" {_WRAPPED}>{_text(text)}</div>'


def _card(name: str, description: str, schema: Any) -> str:
    rows = [_row(each) for each in _limited(_parameters(object_or_empty(schema), "", 1))]
    table = f"<table>{''.join(rows)}</table>" if rows else '<div class="gl-no-parameters"></div>'
    head = f"<code>{_text(name)}</code> {_text(description)}"
    return f'<div class="gl-tool-card"><div class="gl-tool-head">{head}</div>{table}</div>'


def _limited(parameters: Iterator[_Parameter]) -> Iterator[_Parameter]:
    for number, each in enumerate(parameters):
        if number == MAX_ROWS:
            return
        yield each


def _parameters(schema: Mapping[str, Any], inside: str, depth: int) -> Iterator[_Parameter]:
    """Yield the parameters of an object, those inside one behind it: `address.city`, `items[].id`.

    Required ones come first.
    """
    required = {name for name in list_or_empty(schema.get("required")) if isinstance(name, str)}
    properties = object_or_empty(schema.get("properties"))
    for name in sorted(properties, key=lambda name: name not in required):
        inner = object_or_empty(properties[name])
        yield _Parameter(f"{inside}{name}", name in required, inner)
        if depth < MAX_DEPTH:
            yield from _parameters(inner, f"{inside}{name}.", depth + 1)
            items = object_or_empty(inner.get("items"))
            yield from _parameters(items, f"{inside}{name}[].", depth + 1)


def _row(parameter: _Parameter) -> str:
    mark = ' <span class="gl-required"></span>' if parameter.required else ""
    cells = (
        f"<code>{_text(parameter.name)}</code>{mark}",
        _text(_type(parameter.schema)),
        _text(str(parameter.schema.get("description") or "")) + _default(parameter.schema),
    )
    return f"<tr>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>"


def _type(schema: Mapping[str, Any]) -> str:
    """Return what a schema allows: its type, that of a list's elements, or the values."""
    values = list_or_empty(schema.get("enum"))
    if values:
        shown = " | ".join(json.dumps(value, ensure_ascii=False) for value in values[:MAX_VALUES])
        return shown + (" | …" if len(values) > MAX_VALUES else "")
    for key in ("anyOf", "oneOf"):
        if parts := [object_or_empty(part) for part in list_or_empty(schema.get(key))]:
            return " | ".join(dict.fromkeys(_type(part) for part in parts[:MAX_VALUES]))
    named = schema.get("type")
    name = " | ".join(map(str, one_or_many(named or "")))
    if name == "array" and is_object(schema.get("items")):
        return f"{name} ({_type(object_or_empty(schema['items']))})"
    return name or "any"


def _default(schema: Mapping[str, Any]) -> str:
    if "default" not in schema:
        return ""
    value = _text(json.dumps(schema["default"], ensure_ascii=False))
    return f' <span class="gl-default">{value}</span>'


def _text(text: str) -> str:
    return escape(shown_characters(text), quote=False)
