"""Which hashes are among others: a table of bits of them first, so that few are searched for."""

from __future__ import annotations

from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]

_LEAST, _MOST = 12, 22
"""Bits of a table's places: it stays in a cache of the processor."""
_ROOM = 3
"""Places for each known hash, as a power of two."""


def among(hashes: Array, known: Array) -> Array:
    """Return which hashes are among known ones, both uint64 with evenly spread lower bits.

    >>> among(np.array([3, 4, 5], np.uint64), np.array([5, 3, 9], np.uint64)).tolist()
    [True, False, True]
    """
    bits = min(max(len(known).bit_length() + _ROOM, _LEAST), _MOST)
    mask = np.uint64((1 << bits) - 1)
    table = np.zeros(1 << bits, np.bool_)
    table[(known & mask).view(np.int64)] = True
    found = np.take(table, (hashes & mask).view(np.int64))
    places = np.flatnonzero(found)
    if len(places):
        ordered = np.sort(known)
        wanted = hashes[places]
        near = np.minimum(np.searchsorted(ordered, wanted), len(ordered) - 1)
        found[places] = ordered[near] == wanted
    return found
