"""New tasks that a model writes after examples (Wang et al. 2023): request and answer."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from goldleaf.backend.fenced_data import fenced_turns, holds_fence
from goldleaf.backend.fenced_data import prompts_version as version_of
from goldleaf.core.json_values import list_or_none
from goldleaf.core.text_comparison import why_not_utf8
from goldleaf.generation.generator import Answer, Request, Sampling
from goldleaf.generation.structured_output import object_in

SCHEMA = {
    "type": "object",
    "properties": {"tasks": {"type": "array", "items": {"type": "string"}}},
    "required": ["tasks"],
    "additionalProperties": False,
}
MAX_TOKENS = 1024
SHORTEST, LONGEST = 4, 4_000
"""Characters of a task; Chinese ones are short."""


def tasks_request(
    examples: Sequence[str], ability: str, count: int, *, temperature: float, seed: int
) -> Request:
    """Return what asks for new tasks.

    Args:
        examples: tasks that exist, in one language: the new ones come in it.
        ability: what the new ones should ask for, in words; "" for no such wish.
        count: how many.
        temperature: how freely they are drawn.
        seed: another one gives others.
    """
    data: dict[str, Any] = {"examples": list(examples), "ability": ability, "count": count}
    turns = fenced_turns("self_instruct", data, "\n".join(examples))
    return Request(turns, Sampling(temperature, MAX_TOKENS, seed), SCHEMA)


def tasks_of(answer: Answer) -> list[str] | None:
    """Return the tasks that an answer holds, None where it is not of the form that was asked for.

    What is no task (too short or long, no text, a mark of the fence) is left out.
    """
    if answer.outcome != "answered":
        return None
    found = object_in(answer.text, fenced=True)
    listed = list_or_none(found.get("tasks"))
    if listed is None:
        return None
    texts = [text.strip() for text in listed if isinstance(text, str)]
    return [
        text
        for text in texts
        if SHORTEST <= len(text) <= LONGEST and not why_not_utf8(text) and not holds_fence(text)
    ]


@cache
def self_instruct_version() -> str:
    """Return 6 hex digits that change with the prompts."""
    return version_of(["self_instruct"])
