"""Texts as a reader sees them, as one hash: outer white space and call ids aside."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson
import xxhash

from goldleaf.core.records import Comparison, Turn
from goldleaf.core.text import canonical
from goldleaf.formats.json_values import as_list, as_object


def answer_print(turns: Sequence[Turn]) -> str:
    """Return the hash of an answer."""
    return _digest([_seen(turn) for turn in turns])


def prompt_print(comparison: Comparison) -> str:
    """Return the hash of a context and its tools."""
    return _digest([[_seen(turn) for turn in comparison.context], list(comparison.tools)])


def luck(seed: int, pair: str) -> int:
    """Return a draw that depends on the seed and the pair alone."""
    return xxhash.xxh3_64_intdigest(f"{seed}|{pair}".encode())


def shape(row: Any) -> str:
    """Return the hash of a row's keys and types, all the way down: what a reader of JSON infers."""
    return _digest(_shape(row))


def _seen(turn: Turn) -> list[Any]:
    calls = [[call.name, call.arguments] for call in turn.tool_calls]
    return [turn.role, canonical(turn.content).strip(), canonical(turn.reasoning).strip(), calls]


def _shape(value: Any) -> Any:
    if (named := as_object(value)) is not None:
        return {key: _shape(inner) for key, inner in named.items()}
    if (listed := as_list(value)) is not None:
        return sorted({_digest(_shape(inner)) for inner in listed})
    return type(value).__name__


def _digest(content: Any) -> str:
    return xxhash.xxh3_128_hexdigest(orjson.dumps(content, option=orjson.OPT_SORT_KEYS))
