"""Hashes of the character 5-grams of folded texts.

Character 5-grams need no tokenizer and work in English and in Chinese alike; word n-grams on
Chinese find nothing.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from goldleaf.curation.near_duplicates.folded_texts import FoldedTexts

SIZE = 5
"""Characters of a shingle; a shorter text is one shingle."""

Array = np.ndarray[Any, Any]
_FIRST = np.uint64(0x9E3779B97F4A7C15)
_SECOND = np.uint64(0xC2B2AE3D27D4EB4F)
_MIX = np.uint64(0xFF51AFD7ED558CCD)
_HALF = np.uint64(32)
_CHARACTER = np.uint64(21)
"""Bits of a code point."""
_BLOCK = 32_768
"""Characters whose hashes stay in a cache of the processor."""
NO_SHINGLE = np.uint64(2**64 - 1)
"""Stands where no shingle starts."""


def shingles(folded: FoldedTexts) -> tuple[Array, Array]:
    """Return the hashes of the shingles of texts, in the order of the texts, and offsets.

    Returns:
        hashes: uint64, those of text `n` from `offsets[n]` to `offsets[n + 1]`; with repetitions.
        offsets: int64, one more than there are texts.
    """
    found = placed_shingles(folded, slice(0, len(folded.ends)))
    offsets = np.zeros(len(folded.ends) + 1, np.int64)
    np.cumsum(shingle_counts(folded), out=offsets[1:])
    return found[found != NO_SHINGLE], offsets


def shingle_counts(folded: FoldedTexts) -> Array:
    """Return how many shingles each text has, repetitions included."""
    lengths = folded.ends - folded.starts
    return np.where(lengths >= SIZE, lengths - SIZE + 1, np.minimum(lengths, 1))


def placed_shingles(folded: FoldedTexts, some: slice) -> Array:
    """Return the hash of the shingle that starts at each character of some texts, uint64.

    Where none starts, at the last characters of a text and at its bound, there is `NO_SHINGLE`.
    """
    starts, ends = folded.starts[some], folded.ends[some]
    if not len(starts):
        return np.zeros(0, np.uint64)
    characters = folded.characters[starts[0] : ends[-1] + 1]
    starts, ends = starts - starts[0], ends - starts[0]
    found = _hashes(characters)
    lengths = ends - starts
    short = np.flatnonzero((lengths > 0) & (lengths < SIZE))
    if len(short):
        # A short text is padded by zeros: what follows it is left out.
        places = starts[short][:, None] + np.arange(SIZE)
        own = np.where(places < ends[short][:, None], characters[np.minimum(places, ends[-1])], 0)
        found[starts[short]] = _hashes(own.ravel())[::SIZE]
    first = starts + (lengths > 0)
    for place in range(SIZE):
        found[np.maximum(ends - place, first)] = NO_SHINGLE
    return found


def _hashes(characters: Array) -> Array:
    """Return the hash of the five characters from each on; after the last there are zeros."""
    length = len(characters)
    found = np.empty(length, np.uint64)
    block = min(length, _BLOCK)
    points = np.zeros(block + SIZE, np.uint64)
    twos, spare = np.empty(block + 2, np.uint64), np.empty(block, np.uint64)
    for start in range(0, length, _BLOCK):
        own = characters[start : start + _BLOCK + SIZE]
        points[: len(own)] = own
        points[len(own) :] = 0
        size = min(_BLOCK, length - start)
        # Two code points fit into one number, and three do.
        pairs, other, mixed = twos[: size + 2], spare[:size], found[start : start + size]
        np.left_shift(points[1 : size + 3], _CHARACTER, out=pairs)
        pairs |= points[: size + 2]
        np.left_shift(points[4 : size + 4], _CHARACTER + _CHARACTER, out=mixed)
        mixed |= pairs[2:]
        mixed *= _FIRST
        mixed ^= np.multiply(pairs[:size], _SECOND, out=other)
        mixed ^= np.right_shift(mixed, _HALF, out=other)
        mixed *= _MIX
        mixed ^= np.right_shift(mixed, _HALF, out=other)
    return found
