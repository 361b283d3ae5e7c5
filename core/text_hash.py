"""Hashes of an answer or a prompt as a reader sees it: outer white space and call ids ignored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import orjson
import xxhash

from goldleaf.core.records import Turn
from goldleaf.core.text_comparison import canonical


def answer_hash(turns: Sequence[Turn]) -> int:
    """Return the hash of an answer's turns, an unsigned number of 64 bits.

    Role, text, reasoning, and the names and arguments of calls count; call ids, tool names and
    `train` do not.
    """
    single = _single_text_hash(turns)
    return _digest([_visible(turn) for turn in turns]) if single is None else single


def prompt_hash(context: Sequence[Turn], tools: Sequence[Mapping[str, Any]]) -> int:
    """Return the hash of a context and its tools, an unsigned number of 64 bits; see `answer_hash`.

    Letter case and punctuation count: `record_hash.group_id` is the one that normalises.
    """
    single = None if tools else _single_text_hash(context)
    if single is not None:
        return single
    return _digest([[_visible(turn) for turn in context], list(tools)])


def _single_text_hash(turns: Sequence[Turn]) -> int | None:
    """Return the hash of one turn that holds only text, without building JSON for it."""
    if len(turns) != 1:
        return None
    (turn,) = turns
    if turn.reasoning or turn.tool_calls:
        return None
    return xxhash.xxh3_64_intdigest(f"{turn.role} {canonical(turn.content).strip()}".encode())


def _visible(turn: Turn) -> list[Any]:
    calls = [[call.name, call.arguments] for call in turn.tool_calls] if turn.tool_calls else []
    return [turn.role, canonical(turn.content).strip(), canonical(turn.reasoning).strip(), calls]


def _digest(content: Any) -> int:
    return xxhash.xxh3_64_intdigest(orjson.dumps(content, option=orjson.OPT_SORT_KEYS))
