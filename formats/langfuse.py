"""Langfuse's observations, as its table or its blob storage exports them.

    {"id": "o1", "traceId": "t1", "type": "GENERATION", "model": "m",
     "input": [{"role": "user", "content": "Sky?"}],
     "output": {"role": "assistant", "content": "Blue."}}

`input` and `output` are what the application logged, as values or as JSON text: messages, an object
with `messages` (and `tools`), a text. Only generations hold what a model was asked and answered;
spans and events are rejected with that reason. Scores are not read: what their names mean is the
project's own. Shapes: langfuse `worker/src/features/database-read-stream/observation-stream.ts`
(03b77af), and the field reference of its blob storage export (`trace_id`, `provided_model_name`).
"""

from __future__ import annotations

from typing import Any

from goldleaf.core.errors import BadRow
from goldleaf.core.json_values import list_or_none, object_or_none
from goldleaf.core.records import Demonstration, Turn
from goldleaf.formats.format import Row
from goldleaf.formats.read_messages import check_context, check_order, read_turns, tools_of
from goldleaf.formats.strict_json import parse_inside

NAME = "langfuse"
TITLE = "Langfuse's generations"

_TYPES = frozenset(
    "GENERATION SPAN EVENT AGENT TOOL CHAIN RETRIEVER EVALUATOR EMBEDDING GUARDRAIL".split()
)


def recognises(row: Row) -> bool:
    """Return whether a row fits: an observation's `type`, its trace, an input and an output."""
    traced = "traceId" in row or "trace_id" in row
    return str(row.get("type")) in _TYPES and traced and "input" in row and "output" in row


def read(row: Row) -> Demonstration:
    """Return what a model was asked and answered.

    Raises:
        BadRow: `not_a_generation`, `no_prompt`, `empty_response`, or what `read_turns`, `tools_of`
            and `check_order` raise.
    """
    if row.get("type") != "GENERATION":
        raise BadRow("not_a_generation", f"a {str(row['type']).lower()} of a trace")
    asked, said = _parsed(row.get("input"), "input"), _parsed(row.get("output"), "output")
    if asked in (None, "", [], {}):
        raise BadRow("no_prompt", "the input is empty")
    if said in (None, "", [], {}):
        raise BadRow("empty_response", "the output is empty")
    whole = object_or_none(asked)
    tools = tools_of(whole.get("tools")) if whole else ()
    context = _turns(asked, "user", "input")
    response = _turns(said, "assistant", "output")
    check_context(context, tools)
    check_order((*context, *response), tools)
    return Demonstration(context, response, tools)


def _parsed(value: Any, where: str) -> Any:
    """Return a value that may be JSON text; any other text as it is."""
    if isinstance(value, str) and value.lstrip()[:1] in ("{", "["):
        try:
            return parse_inside(value, where, "bad_messages")
        except BadRow:
            return value
    return value


def _turns(value: Any, role: str, where: str) -> tuple[Turn, ...]:
    message = object_or_none(value)
    if message is not None and list_or_none(message.get("messages")):
        return read_turns(message["messages"], f"{where}.messages")
    if message is not None and "content" in message:
        return read_turns([{"role": role, **message}], where)
    if list_or_none(value):
        return read_turns(value, where)
    if isinstance(value, str):
        return read_turns([{"role": role, "content": value}], where)
    raise BadRow("bad_messages", f"{where} holds no messages")
