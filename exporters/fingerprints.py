"""Texts as a reader sees them, as one hash: outer white space and call ids aside."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import Any, cast

import orjson
import xxhash

from goldleaf.core.records import Turn
from goldleaf.core.text import canonical


def answer_print(turns: Sequence[Turn]) -> int:
    """Return the hash of an answer, 64 bits."""
    return _digest([_seen(turn) for turn in turns])


def prompt_print(context: Sequence[Turn], tools: Sequence[Mapping[str, Any]]) -> int:
    """Return the hash of a context and its tools, 64 bits."""
    return _digest([[_seen(turn) for turn in context], list(tools)])


def luck(seed: int, example: str) -> int:
    """Return a draw that depends on the seed and the example's id alone."""
    return xxhash.xxh3_64_intdigest(f"{seed}|{example}".encode())


def shape(value: Any) -> Hashable:
    """Return a row's keys and types, all the way down: what a reader of JSON infers.

    Keys in another order make another shape, which costs nothing and saves sorting them.
    """
    if isinstance(value, dict):
        named = cast("dict[str, Any]", value).items()
        return tuple([(key, str if isinstance(v, str) else shape(v)) for key, v in named])
    if isinstance(value, list):
        inner = cast("list[Any]", value)
        return frozenset([str if isinstance(v, str) else shape(v) for v in inner])
    return cast("Hashable", type(value))


def _seen(turn: Turn) -> list[Any]:
    calls = [[call.name, call.arguments] for call in turn.tool_calls]
    return [turn.role, canonical(turn.content).strip(), canonical(turn.reasoning).strip(), calls]


def _digest(content: Any) -> int:
    return xxhash.xxh3_64_intdigest(orjson.dumps(content, option=orjson.OPT_SORT_KEYS))
