"""Which hashes are among others, and which rows of numbers are different ones."""

from __future__ import annotations

from typing import Any

import numpy as np

from goldleaf.curation.near_duplicates.sorted_numbers import sorted_numbers

Array = np.ndarray[Any, Any]

_LEAST, _MOST = 12, 22
"""Bits of a table's places: it stays in a cache of the processor."""
_MIX = np.uint64(0xFF51AFD7ED558CCD)
_ROOM = 3
"""Places for each known hash, as a power of two."""


def among(hashes: Array, known: Array) -> Array:
    """Return which hashes are among known ones, both uint64 with evenly spread lower bits.

    A table of bits of the known ones comes first, so that few are searched for.

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


def different_rows(*columns: Array) -> Array:
    """Return places of rows, each different row once, in an order that depends on the rows alone.

    Args:
        columns: numbers, of as many rows each. A hash of a row is put in order in a fraction of the
            time that several columns take.

    Of equal rows any may be the one.

    >>> numbers = np.array([1, 2, 1])
    >>> sorted(numbers[different_rows(np.array([7, 7, 7]), numbers)].tolist())
    [1, 2]
    """
    mixed = np.zeros(len(columns[0]), np.uint64)
    for column in columns:
        mixed ^= column.astype(np.int64, copy=False).view(np.uint64)
        mixed *= _MIX
        mixed ^= mixed >> np.uint64(32)
    # Most bits of a hash and a row's place are put in order as one number, which takes a fraction
    # of the time that putting places in order does.
    bits = np.uint64(len(mixed).bit_length())
    tagged = mixed >> bits << bits
    tagged |= np.arange(len(mixed), dtype=np.uint64)
    tagged = sorted_numbers(tagged)
    order = (tagged & ((np.uint64(1) << bits) - np.uint64(1))).view(np.int64)
    tagged >>= bits
    new = _new_rows(columns, order)
    if (new[1:] & (tagged[1:] == tagged[:-1])).any():
        # Those bits do not tell two rows apart.
        order = np.argsort(mixed)
        new = _new_rows(columns, order)
    return order[new]


def _new_rows(columns: tuple[Array, ...], order: Array) -> Array:
    """Return which rows, in this order, are not the same as the one before."""
    new = np.zeros(len(order), np.bool_)
    new[:1] = True
    for column in columns:
        own = column[order]
        new[1:] |= own[1:] != own[:-1]
    return new
