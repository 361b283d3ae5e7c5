"""Schema-Guided Dialogue: a user and a system by turns, the system's service calls in its frames.

    {"dialogue_id": "1_00000", "services": ["Weather_1"],
     "turns": [{"speaker": "USER", "utterance": "Rain in Lyon?", "frames": []},
               {"speaker": "SYSTEM", "utterance": "None.", "frames": [
                  {"service": "Weather_1", "service_results": [{"rain": "False"}],
                   "service_call": {"method": "GetRain", "parameters": {"city": "Lyon"}}}]}]}

A service call is a real call before the words of its turn, its results are the JSON text that the
tool answered. What the services offer stands in another file, so no tools are declared. States,
acts and slots are not read.
"""

from __future__ import annotations

from typing import Any

from goldleaf.core.errors import BadRow
from goldleaf.core.json_values import list_or_none, object_or_none
from goldleaf.core.records import Demonstration, ToolCall, Turn
from goldleaf.formats.format import Row
from goldleaf.formats.read_messages import (
    answer_of,
    arguments_of,
    check_context,
    check_order,
    text_of,
)
from goldleaf.formats.write_messages import json_text

NAME = "sgd"
TITLE = "Schema-Guided Dialogue, its service calls as tool calls"


def recognises(row: Row) -> bool:
    """Return whether a row is a Schema-Guided Dialogue: `services`, `turns` with `utterance`.

    Only the first turn is looked at.
    """
    first = object_or_none((list_or_none(row.get("turns")) or [None])[0]) or {}
    return "services" in row and "utterance" in first


def read(row: Row) -> Demonstration:
    """Return the dialogue as a demonstration: its last answer answers all before it.

    Raises:
        BadRow: `bad_messages`, `bad_role`, `bad_call`, `no_results`, `trailing_user`, or what
            `answer_of` and `check_order` raise.
    """
    turns = [
        turn
        for number, value in enumerate(list_or_none(row.get("turns")) or [])
        for turn in _utterances(value, f"turns[{number}]")
    ]
    if not turns:
        raise BadRow("bad_messages", "there are no turns")
    if turns[-1].role != "assistant":
        raise BadRow("trailing_user", "the last turn is of the user")
    check_order(turns)
    check_context(turns[:-1])
    return Demonstration(tuple(turns[:-1]), (turns[-1],))


def _utterances(value: Any, where: str) -> list[Turn]:
    """Return the turns of one: words, before which the system may have called services."""
    turn = object_or_none(value)
    if turn is None:
        raise BadRow("bad_messages", f"{where} is no turn")
    words = answer_of(turn.get("utterance"), f"{where}.utterance")
    match turn.get("speaker"):
        case "USER":
            return [Turn("user", words)]
        case "SYSTEM":
            frames = [
                object_or_none(frame) or {} for frame in list_or_none(turn.get("frames")) or []
            ]
            calling = [frame for frame in frames if "service_call" in frame]
            called = [_call(frame, n, where) for n, frame in enumerate(calling, 1)]
            asked = [Turn("assistant", "", tool_calls=tuple(call for call, _ in called))]
            results = [
                Turn("tool", text, tool_call_id=call.id, name=call.name) for call, text in called
            ]
            return [*(asked if called else []), *results, Turn("assistant", words)]
        case speaker:
            raise BadRow("bad_role", f"{where}: {speaker!r}")


def _call(frame: dict[str, Any], number: int, where: str) -> tuple[ToolCall, str]:
    called = object_or_none(frame["service_call"]) or {}
    name = text_of(called.get("method") or "", where)
    if not name:
        raise BadRow("bad_call", f"{where}: a service call without a method")
    if list_or_none(frame.get("service_results")) is None:
        raise BadRow("no_results", f"{where}: {name} has no results")
    call = ToolCall(name, arguments_of(called.get("parameters"), where), f"call_{number}")
    return call, json_text(frame["service_results"], where)
