"""Which words may be one word, misspelt or inflected: they have a key in common.

Keys are hashes that differences of prefix sums give, so that those of many words are arrays: no
word is read by itself, and no pair is compared.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]

LEAST, MOST = 2, 24
"""Letters of a word that may be misspelt."""
_FIVE = 5
"""Letters from which one may be missing or another one."""
_FACTOR = 0x9E3779B97F4A7C15
_INVERSE = np.uint64(pow(_FACTOR, -1, 2**64))
_FACTORS = np.array([pow(_FACTOR, place, 2**64) for place in range(MOST)], np.uint64)
"""A word's hash is the sum of its letters, each times the factor of its place."""
_MIX = np.uint64(0xD6E8FEB86659FD93)
_SORTED = np.uint64(0xA0761D6478BD642F)
"""Added to the hash of letters in any order, which is no hash of a word."""
_SHIFT = np.uint64(31)


def spelling_keys(characters: Array, sizes: Array) -> tuple[Array, Array]:
    """Return the keys of words, and the word of each.

    The word itself; its letters in any order; without an "s" or "ed" at its end; without one of
    its letters. A word of one letter, or with a character that is no letter, has none.

    Args:
        characters: code points of the words, one word after the other.
        sizes: characters of each word.

    Returns:
        for each key the number of its word, int64, ascending; the key, uint64.
    """
    usual = (sizes >= LEAST) & (sizes <= MOST)
    words, lengths = np.flatnonzero(usual), sizes[usual]
    filled = np.arange(MOST) < lengths[:, None]
    letters = np.zeros(filled.shape, np.uint64)
    letters[filled] = characters[np.repeat(usual, sizes)]
    plain = (np.take(_letter_table(), letters.view(np.int64), mode="clip") | ~filled).all(axis=1)
    words, lengths, filled, letters = words[plain], lengths[plain], filled[plain], letters[plain]
    values = letters * _FACTORS
    sums = np.cumsum(values, axis=1)
    whole, rows = sums[:, -1:], np.arange(len(words))
    mixed = letters * _MIX
    mixed = (mixed ^ (mixed >> _SHIFT)) * _MIX
    shorter, ends = _without_ending(letters, sums, lengths, rows)
    keys = np.concatenate(
        [
            whole,
            (mixed ^ (mixed >> _SHIFT)).sum(axis=1, keepdims=True) + _SORTED,
            shorter[:, None],
            # What follows the letter that is missing moves to the place before.
            sums - values + (whole - sums) * _INVERSE,
        ],
        axis=1,
    )
    known = np.ones((len(words), 1), np.bool_)
    some = [known, lengths[:, None] > LEAST, ends[:, None], filled & (lengths >= _FIVE)[:, None]]
    wanted = np.concatenate(some, axis=1)
    return np.repeat(words, wanted.sum(axis=1)), keys[wanted]


def _without_ending(
    letters: Array, sums: Array, lengths: Array, rows: Array
) -> tuple[Array, Array]:
    """Return the hashes of words without an "s" or "ed" at the end, and which have one."""
    last, before = letters[rows, lengths - 1], letters[rows, lengths - 2]
    plural = last == ord("s")
    past = (last == ord("d")) & (before == ord("e"))
    place = lengths - 2 - past
    return np.where(place < 0, 0, sums[rows, place]), plural | past


def misspelt(one: str, other: str) -> bool:
    """Return whether two words may be one word, misspelt or inflected.

    Letters in another order, one letter more, less or other in a word of five or more, an "s" or
    "ed" more. Names that differ in two letters, such as Austria and Australia, are two words.

    >>> misspelt("eemregd", "emerged"), misspelt("tyme", "time"), misspelt("increase", "decrease")
    (True, False, False)
    """
    characters = np.frombuffer((one + other).encode("utf-32-le"), np.uint32)
    owners, keys = spelling_keys(characters, np.array([len(one), len(other)]))
    return len(np.intersect1d(keys[owners == 0], keys[owners == 1])) > 0


@cache
def _letter_table() -> Array:
    """Return which characters are letters, as `str.isalpha` has it; from the last on none is."""
    table = [chr(point).isalpha() for point in range(0x20000)]
    return np.array([*table, False], np.bool_)
