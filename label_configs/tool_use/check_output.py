"""Is an output what a program can use: calls that fit their tools, JSON or SQL that parses."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from goldleaf.core.errors import BadRow
from goldleaf.core.records import ToolCall, Turn
from goldleaf.core.sql_syntax import read_sql
from goldleaf.core.tool_schemas import check_arguments, declared_tools
from goldleaf.label_configs.tool_use.call_text import parse_json, parse_turn

_FENCED = re.compile(r"\A\s*```[ \t]*(\w*)[^\n]*\n(.*?)\n?[ \t]*```\s*\Z", re.DOTALL)
MAX_SQL = 100_000
"""Characters of SQL; a longer text is not parsed."""


def check_calls(calls: Sequence[ToolCall], tools: Sequence[Mapping[str, Any]]) -> None:
    """Check that calls name declared tools and that their arguments fit the tools' JSON Schemas.

    A schema that cannot be checked itself passes.

    Raises:
        BadRow: `no_tools`, `tool_unknown` or `args_schema`, with the call and the place in it.
    """
    declared = declared_tools(tools)
    if not declared:
        raise BadRow("no_tools", "no tool is declared, so none can be called")
    for number, call in enumerate(calls, 1):
        if call.name not in declared:
            known = ", ".join(declared)[:200]
            raise BadRow("tool_unknown", f"call {number}: {call.name} is not declared; {known} are")
        check = check_arguments(dict(call.arguments), declared[call.name].schema)
        if check.fits is False:
            raise BadRow("args_schema", f"call {number}, {call.name}: {check.detail}")


def check_structured(text: str) -> None:
    """Check that a text is JSON or SQL and nothing else; one fence of backticks may be around it.

    JSON is what begins with `{` or `[`, everything else must be statements of SQL.

    Raises:
        BadRow: `output_form`, with the place where a parser stops.
    """
    fenced = _FENCED.match(text)
    body = (fenced[2] if fenced else text).strip()
    skipped = text[: fenced.start(2)].count("\n") if fenced else 0
    if body[:1] in ("{", "["):
        try:
            parse_json(body, skipped)
        except BadRow as bad:
            raise BadRow("output_form", f"JSON: {bad.detail}") from None
        return
    if len(body) > MAX_SQL:
        raise BadRow("too_long", f"over {MAX_SQL} characters of SQL")
    reading = read_sql(body)
    if reading.parses is False:
        raise BadRow("output_form", f"SQL: {reading.detail}")
    if reading.parses and not reading.statements:
        raise BadRow("output_form", "neither JSON nor a statement of SQL")


def check_plain(text: str, tools: Sequence[Mapping[str, Any]]) -> None:
    """Check that an answer in words is not a call of a declared tool, written out.

    Raises:
        BadRow: `tool_call_inline`.
    """
    try:
        calls = parse_turn(text, Turn("assistant")).tool_calls
    except BadRow:
        return
    declared = declared_tools(tools)
    if any(call.name in declared for call in calls):
        raise BadRow("tool_call_inline", "no tool was to be called, but the box holds a call")
