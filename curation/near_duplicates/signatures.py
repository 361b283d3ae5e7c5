"""Signatures of texts: the least hash of their 5-grams in each of some bins.

One-permutation MinHash: a 5-gram falls into one of `BINS` bins by some bits of its hash, and other
bits say which is the least there, so that each is looked at once, not once a value of the signature.
A bin without any borrows the value of the first bin with one, in an order that is the same for all
texts: equal values remain as frequent as equal 5-grams (optimal densification, Shrivastava 2017).
"""

from __future__ import annotations

import numpy as np

from goldleaf.curation.near_duplicates.shingles import Array

BINS = 128
"""A power of two."""
NOTHING = np.uint32(2**32 - 1)
"""Value of a bin without 5-grams."""
_BIN_BITS = 7
_BIN_MASK = np.uint64(BINS - 1)


def least_hashes(hashes: Array, offsets: Array, groups: Array) -> Array:
    """Return the least hash in each bin, uint32 (texts, 2, `BINS`), the second of each group.

    The least hashes of several texts together are the least of theirs.

    Args:
        hashes: uint64, as `shingles` returns them.
        offsets: likewise.
        groups: of each hash, False or True.
    """
    texts = len(offsets) - 1
    owners = np.arange(0, 2 * BINS * texts, 2 * BINS, dtype=np.int64)
    places = np.repeat(owners, np.diff(offsets))
    places += groups.astype(np.int64) << _BIN_BITS
    places += (hashes & _BIN_MASK).view(np.int64)
    found = np.full(texts * 2 * BINS, NOTHING, np.uint32)
    # The bits that tell common shingles are at the other end of a hash.
    np.minimum.at(found, places, (hashes >> np.uint64(_BIN_BITS)).astype(np.uint32))
    return found.reshape(texts, 2, BINS)


def signatures(least: Array) -> Array:
    """Return signatures, uint16 (texts, bins), of the least hashes in bins, uint32 likewise.

    The lower bits of a least hash are evenly spread, the upper ones mostly zero. Of a text without
    5-grams all values are the same; callers leave it out. The bins come in an order in which
    neighbours do not borrow from each other.
    """
    values, empty = least.astype(np.uint16), least == NOTHING
    width = least.shape[1] // 2
    rows = np.flatnonzero(empty.any(axis=1))
    while width and len(rows):
        own, lacking = values[rows], empty[rows]
        # The other half of each run of bins: bin 5 looks in 69, then in 37 and 101, then in 21...
        shape = (len(rows), -1, 2, width)
        other = own.reshape(shape)[:, :, ::-1].reshape(own.shape)
        missing = lacking.reshape(shape)[:, :, ::-1].reshape(own.shape)
        np.copyto(own, other, where=lacking)
        lacking &= missing
        values[rows], empty[rows] = own, lacking
        rows = rows[lacking.any(axis=1)]
        width //= 2
    return values[:, _order(least.shape[1])]


def _order(bins: int) -> Array:
    """Return the numbers of bins, shuffled."""
    mixed = (np.arange(1, bins + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)) >> np.uint64(9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0xD6E8FEB86659FD93)
    return np.argsort(mixed ^ (mixed >> np.uint64(32)), kind="stable")
