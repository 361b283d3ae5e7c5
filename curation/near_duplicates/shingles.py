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
_PAIR, _FOUR, _FIVE, _MIX = (
    np.uint32(odd) for odd in (0x2265B1F5, 0x91B7584B, 0xD8F16ADF, 0xCD613E31)
)
_HALF, _LESS = np.uint32(16), np.uint32(15)
_BLOCK = 32_768
"""Characters whose hashes stay in a cache of the processor."""


def shingles(folded: FoldedTexts) -> tuple[Array, Array]:
    """Return the hashes of the shingles of texts, in the order of the texts, and offsets.

    Returns:
        hashes: uint32, those of text `n` from `offsets[n]` to `offsets[n + 1]`; with repetitions.
        offsets: int64, one more than there are texts.
    """
    found, runs = placed_shingles(folded, slice(0, len(folded.ends)))
    offsets = np.zeros(len(folded.ends) + 1, np.int64)
    np.cumsum(runs[::2], out=offsets[1:])
    starting = np.zeros(len(runs), np.bool_)
    starting[::2] = True
    return found[np.repeat(starting, runs)], offsets


def shingle_counts(folded: FoldedTexts) -> Array:
    """Return how many shingles each text has, repetitions included."""
    lengths = folded.ends - folded.starts
    return np.where(lengths >= SIZE, lengths - SIZE + 1, np.minimum(lengths, 1))


def placed_shingles(folded: FoldedTexts, some: slice) -> tuple[Array, Array]:
    """Return the hashes of the shingles that start at each character of some texts.

    Returns:
        hashes: uint32, one a character and a bound. At the last characters of a text, and at its
            bound, no shingle starts and the hash means nothing.
        runs: int64, of each text in turn the places where one starts, and those that follow.
    """
    starts, ends = folded.starts[some], folded.ends[some]
    if not len(starts):
        return np.zeros(0, np.uint32), np.zeros(0, np.int64)
    characters = folded.characters[starts[0] : ends[-1] + 1]
    starts, ends = starts - starts[0], ends - starts[0]
    found = _hashes(characters)
    lengths = ends - starts
    short = np.flatnonzero((lengths > 0) & (lengths < SIZE))
    if len(short):
        # A short text is padded by zeros: what follows it is left out.
        places = starts[short][:, None] + np.arange(SIZE)
        own = np.where(places < ends[short][:, None], characters[np.minimum(places, ends[-1])], 0)
        found[starts[short]] = _hashes(own.astype(np.uint32).ravel())[::SIZE]
    runs = np.empty((len(lengths), 2), np.int64)
    runs[:, 0] = np.where(lengths >= SIZE, lengths - SIZE + 1, np.minimum(lengths, 1))
    runs[:, 1] = lengths + 1 - runs[:, 0]
    return found, runs.ravel()


def _hashes(characters: Array) -> Array:
    """Return the hash of the five characters from each on; after the last there are zeros.

    Numbers of 32 bits take half the time of those of 64, and of two texts of ten thousand 5-grams
    each two different ones in a hundred million pairs have the same.
    """
    length = len(characters)
    found = np.empty(length, np.uint32)
    block = min(length, _BLOCK)
    twos, spare = np.empty(block + 2, np.uint32), np.empty(block, np.uint32)
    for start in range(0, length, _BLOCK):
        size = min(_BLOCK, length - start)
        own = characters[start : start + size + SIZE - 1]
        if len(own) < size + SIZE - 1:
            own = np.concatenate([own, np.zeros(size + SIZE - 1 - len(own), np.uint32)])
        pairs, other, mixed = twos[: size + 2], spare[:size], found[start : start + size]
        np.multiply(own[: size + 2], _PAIR, out=pairs)
        pairs += own[1 : size + 3]
        np.multiply(pairs[:size], _FOUR, out=mixed)
        mixed += pairs[2:]
        mixed *= _FIVE
        mixed += own[4:]
        mixed ^= np.right_shift(mixed, _LESS, out=other)
        mixed *= _MIX
        mixed ^= np.right_shift(mixed, _HALF, out=other)
    return found
