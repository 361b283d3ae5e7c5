"""Texts for dialogue: each answer as it should be at its place, one request an answer.

What a model is shown are the turns before, as they came, and the answer to edit: nothing that was
said later. No verdict of a turn and no continuation: a text drafted beside two that are compared
would stand above both without being compared.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from goldleaf.backend.text_drafts.text_request import Box, TextRequest, asked
from goldleaf.core.errors import BadRow
from goldleaf.core.json_values import objects_in
from goldleaf.core.records import Comparison, Demonstration, Turn
from goldleaf.label_configs.dialogue.edited_dialogue import turns_of
from goldleaf.label_configs.dialogue.exchanges import reply_places
from goldleaf.label_configs.display_check import imported_record

KIND = "dialogue"
PROMPTS = ("dialogue",)

MAX_ANSWERS = 20
"""Answers of one dialogue that a model is asked about: the last ones, which all others led to."""
MAX_BEFORE = 24_000
"""Characters of the turns before an answer; the oldest are left out, a last one that is longer is
cut. About 6,000 tokens of English, twice that of Chinese: with the answers, what a context of
16,000 tokens holds."""


def requests(task: Mapping[str, Any]) -> list[TextRequest]:
    """Return what to ask for a task's data; nothing for one that shows other answers than its own.

    An answer that is not to be learned, or that calls a tool, is left as it is.
    """
    turns = _turns(task)
    places = reply_places(turns)
    if [turns[place].content for place in places] != [
        turn.get("text") for turn in objects_in(task.get("turns"))
    ]:
        return []
    wanted = [
        (number, place)
        for number, place in enumerate(places)
        if turns[place].train
        and not turns[place].tool_calls
        and any(turn.role == "user" and turn.content.strip() for turn in turns[:place])
    ]
    return [_request(number, turns[: place + 1]) for number, place in wanted[-MAX_ANSWERS:]]


def _turns(task: Mapping[str, Any]) -> tuple[Turn, ...]:
    """Return the turns on the screen, none for a task that holds no dialogue."""
    try:
        record = imported_record(task)
    except BadRow:
        return ()
    return turns_of(record) if isinstance(record, Demonstration | Comparison) else ()


def _request(number: int, turns: Sequence[Turn]) -> TextRequest:
    """Return the request for the answer that ends these turns, the `number`-th from 0."""
    *before, answer = turns
    kept, cut = _kept(before)
    data = {
        "left_out": len(before) - len(kept),
        "cut": cut,
        "conversation": [_plain(turn) for turn in kept],
        "answer": answer.content,
    }
    asking = [turn.content for turn in kept if turn.role == "user"]
    said = tuple(turn.content for turn in before if turn.role != "assistant")
    seen = tuple(turn.content for turn in before)
    box = Box(f"edit_{number}", answer.content, asking[-1], said, seen, may_keep=True)
    return TextRequest(asked("dialogue", data, "\n".join(asking)), box.read)


def _kept(before: Sequence[Turn]) -> tuple[list[Turn], int]:
    """Return the system prompt and the newest turns that `MAX_BEFORE` holds, and what was cut.

    They begin with a user's turn, the last one that says something at least: a tool's result
    without its question would only confuse. Where that turn is too long, as many characters as are
    returned here are cut from its end, but never more than leaves it a quarter of `MAX_BEFORE`.
    """
    system = [turn for turn in before if turn.role == "system"]
    others = [turn for turn in before if turn.role != "system"]
    room = MAX_BEFORE - sum(len(turn.content) for turn in system)
    asking = [n for n, turn in enumerate(others) if turn.role == "user" and turn.content.strip()]
    first = asking.pop()
    over = _size(others[first:]) - room
    while asking and over + (more := _size(others[asking[-1] : first])) <= 0:
        first, over = asking.pop(), over + more
    question = others[first].content
    shortened = question[: max(len(question) - max(over, 0), MAX_BEFORE // 4)]
    kept = [replace(others[first], content=shortened), *others[first + 1 :]]
    return [*system, *kept], len(question) - len(shortened)


def _size(turns: Sequence[Turn]) -> int:
    """Return the characters of turns as a model is shown them."""
    return sum(len(str(_plain(turn))) for turn in turns)


def _plain(turn: Turn) -> dict[str, Any]:
    calls = [{"name": call.name, "arguments": call.arguments} for call in turn.tool_calls]
    plain: dict[str, Any] = {"role": turn.role, "content": turn.content}
    return {**plain, "calls": calls} if calls else plain
