"""Texts as a reader sees them, as one hash: outer white space and call ids aside."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import Any, cast

import orjson
import xxhash

from goldleaf.core.records import Turn
from goldleaf.core.text_comparison import canonical


def answer_print(turns: Sequence[Turn]) -> int:
    """Return the hash of an answer, 64 bits."""
    alone = _said_alone(turns)
    return _digest([_seen(turn) for turn in turns]) if alone is None else alone


def prompt_print(context: Sequence[Turn], tools: Sequence[Mapping[str, Any]]) -> int:
    """Return the hash of a context and its tools, 64 bits."""
    alone = None if tools else _said_alone(context)
    return _digest([[_seen(turn) for turn in context], list(tools)]) if alone is None else alone


def luck(seed: int, example: str) -> int:
    """Return a draw that depends on the seed and the example's id alone."""
    return xxhash.xxh3_64_intdigest(f"{seed}|{example}".encode())


def shape(value: Any) -> Hashable:
    """Return a row's keys and types, all the way down: what a reader of JSON infers.

    Keys in another order make another shape, which costs nothing and saves sorting them.
    """
    if isinstance(value, dict):
        named = cast("dict[str, Any]", value)
        kinds: list[Hashable] = [*map(type, named.values())]
        if dict in kinds or list in kinds:
            kinds = [shape(v) if type(v) in _NESTED else type(v) for v in named.values()]
        return (*named, *kinds)
    if isinstance(value, list):
        return frozenset([shape(v) for v in cast("list[Any]", value)])
    return cast("Hashable", type(value))


_NESTED = {dict, list}


def _said_alone(turns: Sequence[Turn]) -> int | None:
    """Return the hash of one turn that only says something, without building JSON for it."""
    if len(turns) != 1:
        return None
    (turn,) = turns
    if turn.reasoning or turn.tool_calls:
        return None
    return xxhash.xxh3_64_intdigest(f"{turn.role} {canonical(turn.content).strip()}".encode())


def _seen(turn: Turn) -> list[Any]:
    calls = [[call.name, call.arguments] for call in turn.tool_calls] if turn.tool_calls else []
    return [turn.role, canonical(turn.content).strip(), canonical(turn.reasoning).strip(), calls]


def _digest(content: Any) -> int:
    return xxhash.xxh3_64_intdigest(orjson.dumps(content, option=orjson.OPT_SORT_KEYS))
