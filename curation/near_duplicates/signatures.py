"""Signatures of texts: the least hash of their 5-grams in each of some bins.

One-permutation MinHash: a 5-gram falls into one of `BINS` bins by some bits of its hash, and other
bits say which is the least there: each is looked at once, not once a value of the signature. A bin
without any borrows the value of the first bin with one, in an order that is the same for all texts:
equal values remain as frequent as equal 5-grams (optimal densification, Shrivastava 2017).
"""

from __future__ import annotations

import numpy as np

from goldleaf.curation.near_duplicates.common_shingles import common_shingles
from goldleaf.curation.near_duplicates.folded_texts import SPACE, FoldedTexts
from goldleaf.curation.near_duplicates.shingles import Array, placed_shingles

BINS = 128
"""A power of two."""
NOTHING = np.uint32(2**32 - 1)
"""Value of a bin without 5-grams."""
_EMPTY_BIT = np.uint16(15)
_EMPTY = 1 << 15
_BIN_BITS = 7
_BLOCK = 512
"""Texts whose 5-grams stay in a cache of the processor."""
_BIN_MASK = np.uint32(BINS - 1)
_SPREAD, _SPREAD_AGAIN = np.uint32(0x9E3779B1), np.uint32(0x85EBCA6B)


def least_hashes(folded: FoldedTexts, common: Array) -> tuple[Array, Array]:
    """Return the least hash of each text in each bin, and how many common shingles it has.

    The least hashes of several texts together are the least of theirs.

    Args:
        folded: the texts.
        common: which buckets of hashes are common, as `common_shingles.bucket_table` returns them.

    Returns:
        uint32 (texts, 2, `BINS`): of the shingles that are not common, and of those that are.
        uint8 (texts,): the common shingles, of a text with more than 255 modulo 256.
    """
    texts = len(folded.ends)
    # What starts no shingle goes to a text after the last one.
    found = np.full((texts + 1) * 2 * BINS, NOTHING, np.uint32)
    counts = np.zeros(texts, np.uint8)
    for start in range(0, texts, _BLOCK):
        some = slice(start, min(start + _BLOCK, texts))
        hashes, runs = placed_shingles(folded, some)
        second = common_shingles(hashes, common)
        counts[some] = np.add.reduceat(second, np.cumsum(runs) - runs)[::2]
        counts[some][runs[::2] == 0] = 0
        # Places among those of these texts have 32 bits, until numpy needs them wider.
        own = found[start * 2 * BINS : (some.stop + 1) * 2 * BINS]
        size = (some.stop - start) * 2 * BINS
        owners = np.full(len(runs), size, np.uint32)
        owners[::2] = np.arange(0, size, 2 * BINS, dtype=np.uint32)
        places = np.repeat(owners, runs)
        second <<= np.uint8(_BIN_BITS)
        places += second
        places += hashes & _BIN_MASK
        # The bits that tell common shingles are at the other end of a hash.
        hashes >>= np.uint32(_BIN_BITS)
        np.minimum.at(own, places.astype(np.int64), hashes)
        # What starts no shingle came to the next text, whose turn has not come yet.
        own[size:] = NOTHING
    return found[: texts * 2 * BINS].reshape(texts, 2, BINS), counts


def signatures(least: Array) -> Array:
    """Return signatures, uint16 (texts, bins), of the least hashes in bins, uint32 likewise.

    Of a least hash the lower 15 bits are evenly spread, the upper ones mostly zero. Of a text
    without 5-grams all values are the same; callers leave it out. The bins come in an order in
    which neighbours do not borrow from each other.
    """
    bins = least.shape[1]
    # One bin after the other: the inner loop is over texts, however few bins a step moves. A bin
    # without 5-grams is _EMPTY; sums and products take half the time of a choice by a condition.
    values = least.astype(np.uint16)
    values &= np.uint16(_EMPTY - 1)
    values += least == NOTHING
    values = np.ascontiguousarray(values.T)
    width = bins // 2
    while width and values.max(initial=0) == _EMPTY:
        # The other half of each run of bins: bin 5 looks in 69, then in 37 and 101, then in 21...
        halves = values.reshape(-1, 2, width, len(least))
        one, other = halves[:, 0], halves[:, 1]
        difference = other - one
        first, second = one >> _EMPTY_BIT, other >> _EMPTY_BIT
        first *= difference
        second *= difference
        one += first
        other -= second
        width //= 2
    return np.ascontiguousarray(values[_order(bins)].T)


def letter_sums(folded: FoldedTexts) -> Array:
    """Return a number for each text that is the same for the same characters in any order, uint32.

    Spaces do not count. Characters swapped in a short text leave it few 5-grams or none.
    """
    found = np.zeros(len(folded.starts), np.uint32)
    for start in range(0, len(found), _BLOCK):
        some = slice(start, start + _BLOCK)
        starts = folded.starts[some]
        # A number for each character, 0 for spaces and bounds.
        values = np.maximum(folded.characters[starts[0] : folded.ends[some][-1] + 1], SPACE)
        values -= np.uint32(SPACE)
        values *= _SPREAD
        values ^= values >> np.uint32(15)
        values *= _SPREAD_AGAIN
        values ^= values >> np.uint32(16)
        np.add.reduceat(values, starts - starts[0], dtype=np.uint32, out=found[some])
    return found


def _order(bins: int) -> Array:
    """Return the numbers of bins, shuffled."""
    mixed = np.arange(1, bins + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    mixed >>= np.uint64(9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0xD6E8FEB86659FD93)
    return np.argsort(mixed ^ (mixed >> np.uint64(32)), kind="stable")
