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
_BLOCK = 8_192
"""Characters whose hashes stay in a cache of the processor."""


def shingles(folded: FoldedTexts) -> tuple[Array, Array]:
    """Return the hashes of the shingles of texts, in the order of the texts, and offsets.

    Returns:
        hashes: uint64, those of text `n` from `offsets[n]` to `offsets[n + 1]`; with repetitions.
        offsets: int64, one more than there are texts.
    """
    characters, starts, ends = folded.characters, folded.starts, folded.ends
    lengths = ends - starts
    counts = np.where(lengths >= SIZE, lengths - SIZE + 1, np.minimum(lengths, 1))
    offsets = np.zeros(len(counts) + 1, np.int64)
    np.cumsum(counts, out=offsets[1:])
    found = _hashes(characters)
    short = np.flatnonzero((lengths > 0) & (lengths < SIZE))
    if len(short):
        # A short text is padded by zeros: what follows it is left out.
        places = starts[short][:, None] + np.arange(SIZE)
        own = np.where(places < ends[short][:, None], characters[np.minimum(places, ends[-1])], 0)
        found[starts[short]] = _hashes(np.concatenate([own.ravel(), own[:0].ravel()]))[::SIZE]
    whole = np.ones(len(characters), np.bool_)
    for place in range(SIZE):
        whole[np.maximum(ends - place, 0)] = False
    whole[starts[short]] = True
    return found[whole], offsets


def _hashes(characters: Array) -> Array:
    """Return the hash of the five characters from each on; after the last there are zeros."""
    length = len(characters)
    found = np.empty(length, np.uint64)
    padded = np.zeros(_BLOCK + SIZE, np.uint64)
    for start in range(0, length, _BLOCK):
        own = characters[start : start + _BLOCK + SIZE]
        points = padded[: len(own)]
        points[:] = own
        padded[len(own) :] = 0
        size = min(_BLOCK, length - start)
        # Two code points fit into one number, and three do.
        pairs = padded[: size + 3] | (padded[1 : size + 4] << _CHARACTER)
        mixed = found[start : start + size]
        np.left_shift(padded[4 : size + 4], _CHARACTER + _CHARACTER, out=mixed)
        mixed |= pairs[2 : size + 2]
        mixed *= _FIRST
        mixed ^= pairs[:size] * _SECOND
        mixed ^= mixed >> _HALF
        mixed *= _MIX
        mixed ^= mixed >> _HALF
    return found
