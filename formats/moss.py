r"""MOSS's conversations: rounds with inner thoughts, commands, what the tools answered, a reply.

    {"meta_instruction": "...\n- Calculator: enabled. API: Calculate(expression)\n",
     "chat": {"turn_1": {"Human": "<|Human|>: 6 times 7?<eoh>",
                         "Inner Thoughts": "<|Inner Thoughts|>: I should count.<eot>",
                         "Commands": "<|Commands|>: Calculate(\"6*7\")<eoc>",
                         "Tool Responses": "<|Results|>: Calculate(\"6*7\") => 42<eor>",
                         "MOSS": "<|MOSS|>: 42.<eom>"}}}

The meta instruction is the system turn, and the tools it says are enabled are declared. A command
is a real call with its argument under the name that the meta instruction gives it; its result is
what stands behind the command where it is repeated. Thoughts are the reasoning of what follows
them: of the call, or of the reply where nothing was called.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from goldleaf.core.errors import BadRow
from goldleaf.core.json_values import object_or_none
from goldleaf.core.records import Demonstration, ToolCall, Turn
from goldleaf.formats.format import Row
from goldleaf.formats.read_messages import answer_of, check_context, check_order, text_of

NAME = "moss"
TITLE = "MOSS's conversations with thoughts, commands and results"

_TAGS = {
    "Human": ("<|Human|>:", "<eoh>"),
    "Inner Thoughts": ("<|Inner Thoughts|>:", "<eot>"),
    "Commands": ("<|Commands|>:", "<eoc>"),
    "Tool Responses": ("<|Results|>:", "<eor>"),
    "MOSS": ("<|MOSS|>:", "<eom>"),
}
"""part of a round -> how it begins and ends."""

_TOOL = re.compile(
    r"^- (?P<title>[^:\n]+): enabled\. API: (?P<name>\w+)\((?P<argument>\w+)\)", re.MULTILINE
)
_NONE = re.compile(r"(?:None\.?)?\Z")
_CALL = re.compile(
    r"[\s,]*(?:\d+\.\s*)?(?P<call>(?P<name>\w+)\(\"(?P<argument>(?:[^\"\\]|\\.)*)\"\))"
    r"(?:[ \t]*#[^\n]*)?(?=\s*(?:,|\n|\Z))"
)
"""A command, perhaps numbered, perhaps with a remark behind it."""
_REST = re.compile(r"[\s,]*(?:None)?[\s,]*\Z")


def recognises(row: Row) -> bool:
    """Return whether a row fits MOSS: an object `chat`, and a column `meta_instruction`."""
    return object_or_none(row.get("chat")) is not None and "meta_instruction" in row


def read(row: Row) -> Demonstration:
    """Return the conversation as a demonstration: its last reply answers all before it.

    Raises:
        BadRow: `bad_messages` (a round is missing or no round), `bad_call` (a command that cannot
            be read), `tool_unknown`, `results_differ`, or what `text_of` and `check_order` raise.
    """
    rounds = object_or_none(row.get("chat")) or {}
    system = text_of(row.get("meta_instruction") or "", "meta_instruction")
    arguments = {found["name"]: found["argument"] for found in _TOOL.finditer(system)}
    tools = tuple(_declared(**found.groupdict()) for found in _TOOL.finditer(system))
    turns = [Turn("system", system)] if system.strip() else []
    for number in range(1, len(rounds) + 1):
        turns += _round(rounds.get(f"turn_{number}"), f"turn_{number}", arguments)
    if not rounds:
        raise BadRow("bad_messages", "chat holds no round")
    check_order(turns, tools)
    check_context(turns[:-1], tools)
    return Demonstration(tuple(turns[:-1]), (turns[-1],), tools)


def _declared(title: str, name: str, argument: str) -> Mapping[str, Any]:
    parameters = {
        "type": "object",
        "properties": {argument: {"type": "string"}},
        "required": [argument],
    }
    function = {"name": name, "description": title, "parameters": parameters}
    return {"type": "function", "function": function}


def _round(value: Any, where: str, arguments: Mapping[str, str]) -> list[Turn]:
    """Return the turns of a round: a question, perhaps calls with their results, a reply."""
    parts = object_or_none(value)
    if parts is None:
        raise BadRow("bad_messages", f"{where} is no round")
    texts = {part: _inside(parts.get(part), part, where) for part in _TAGS}
    thought = "" if _NONE.match(texts["Inner Thoughts"]) else texts["Inner Thoughts"]
    asked = Turn("user", answer_of(texts["Human"], f"{where}.Human"))
    calls, spoken = _calls(texts["Commands"], where, arguments)
    reply = answer_of(texts["MOSS"], f"{where}.MOSS")
    if not calls:
        return [asked, Turn("assistant", reply, thought)]
    results = _results(texts["Tool Responses"], spoken, where)
    return [
        asked,
        Turn("assistant", "", thought, calls),
        *(
            Turn("tool", result, tool_call_id=call.id, name=call.name)
            for call, result in zip(calls, results, strict=True)
        ),
        Turn("assistant", reply),
    ]


def _inside(value: Any, part: str, where: str) -> str:
    begin, end = _TAGS[part]
    text = text_of(value or "", f"{where}.{part}").strip()
    return text.removeprefix(begin).removesuffix(end).strip()


def _calls(
    text: str, where: str, arguments: Mapping[str, str]
) -> tuple[tuple[ToolCall, ...], list[str]]:
    """Return the calls of a round, and each as it was written."""
    calls: list[ToolCall] = []
    spoken: list[str] = []
    if _NONE.match(text):
        return (), spoken
    at = 0
    while found := _CALL.match(text, at):
        name, argument = found["name"], found["argument"].replace('\\"', '"')
        if name not in arguments:
            raise BadRow("tool_unknown", f"{where} calls {name}, which is not enabled")
        # Ids count within a round: those of other rounds have been answered.
        calls.append(ToolCall(name, {arguments[name]: argument}, f"call_{len(calls) + 1}"))
        spoken.append(found["call"])
        at = found.end()
    if not calls or not _REST.match(text, at):
        raise BadRow("bad_call", f"{where}: {text[at : at + 60]!r}")
    return tuple(calls), spoken


def _results(text: str, spoken: list[str], where: str) -> list[str]:
    """Return the result of each call: what stands behind it where the results say it again."""
    places: list[tuple[int, int, int]] = []
    for number, call in enumerate(spoken):
        again = re.compile(rf"(?m)^{re.escape(call)}[ \t]*=>\s*")
        later = (found.span() for found in again.finditer(text))
        free = (span for span in later if all(span[0] != place[0] for place in places))
        if (span := next(free, None)) is not None:
            places.append((*span, number))
    if len(spoken) == 1 and not places and "=>" not in text and not _NONE.match(text):
        return [text]
    if len(places) < len(spoken):
        raise BadRow("results_differ", f"{where}: {len(spoken)} calls, {len(places)} results")
    places.sort()
    ends = [place[0] for place in places[1:]] + [len(text)]
    results = {
        number: text[begin:end].strip()
        for (_, begin, number), end in zip(places, ends, strict=True)
    }
    return [results[number] for number in range(len(spoken))]
