"""Hashes that selection and writing need of a row: a random key, and its keys and types."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any, cast

import xxhash


def sample_key(seed: int, example: str) -> int:
    """Return a pseudo-random 64-bit number made of the seed and the example's id alone."""
    return xxhash.xxh3_64_intdigest(f"{seed}|{example}".encode())


def row_shape(value: Any) -> Hashable:
    """Return the schema of a row: its keys and types, nested ones too, as JSON readers infer it.

    Keys in another order make another shape, which costs nothing and saves sorting them.
    """
    if isinstance(value, dict):
        named = cast("dict[str, Any]", value)
        kinds: list[Hashable] = [*map(type, named.values())]
        if dict in kinds or list in kinds:
            kinds = [row_shape(v) if type(v) in _NESTED else type(v) for v in named.values()]
        return (*named, *kinds)
    if isinstance(value, list):
        return frozenset([row_shape(v) for v in cast("list[Any]", value)])
    return cast("Hashable", type(value))


_NESTED = {dict, list}
