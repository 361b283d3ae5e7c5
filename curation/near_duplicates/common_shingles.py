"""Shingles that very many texts share say little about which of them are alike.

Left out of signatures, they keep the number of chance candidates from growing with the square of
the number of texts: of two unrelated English answers 3 % of the shingles are equal, " the " and its
like. Which they are is counted on a sample that depends on the rows alone, not on their order.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl

from goldleaf.curation.near_duplicates.shingles import Array
from goldleaf.curation.near_duplicates.sorted_numbers import sorted_numbers

BUCKETS_LOG2 = 20
SAMPLE = 5_000
"""Texts that are counted, about."""
SHARE = 0.01
"""A shingle in more of the texts than this is common."""
LEAST = 20
"""Texts that must share a shingle to make it common: small sets have no common ones."""
SHORT = 8
"""Times as many shingles as a text must keep, below which it is short."""
COUNTS = {"bucket": pl.Int64, "count": pl.Int64}
"""In how many texts each bucket occurs; bucket -1 counts the texts."""
_SHIFT = 32 - BUCKETS_LOG2
_TEXTS = 1 << _SHIFT
"""Texts whose numbers fit into 32 bits with those of buckets."""


def bucket_of(hashes: Array) -> Array:
    """Return the bucket of each hash, 0 to 2 ** `BUCKETS_LOG2` - 1."""
    return hashes >> hashes.dtype.type(_SHIFT)


def sampled(keys: Array, count: int) -> Array:
    """Return which of `count` rows with these keys are in the sample: all of few, else by key."""
    step = max(1, count // SAMPLE)
    return keys % step == 0


def count_shingles(hashes: Array, offsets: Array) -> Array:
    """Return in how many texts each bucket occurs, int64; counts of parts may be added up."""
    counts = np.zeros(1 << BUCKETS_LOG2, np.int64)
    for start in range(0, len(offsets) - 1, _TEXTS):
        own = offsets[start : start + _TEXTS + 1]
        numbers = np.arange(len(own) - 1, dtype=np.uint32) << np.uint32(BUCKETS_LOG2)
        tagged = np.repeat(numbers, np.diff(own))
        tagged |= bucket_of(hashes[own[0] : own[-1]])
        tagged = sorted_numbers(tagged)
        new = np.ones(len(tagged), np.bool_)
        np.not_equal(tagged[1:], tagged[:-1], out=new[1:])
        once = tagged[new] & np.uint32((1 << BUCKETS_LOG2) - 1)
        np.add.at(counts, once.astype(np.int64), 1)
    return counts


def counted(counts: Array, texts: int) -> pl.DataFrame:
    """Return the counts of buckets in so many texts as a frame (`COUNTS`)."""
    found = np.flatnonzero(counts)
    return pl.DataFrame(
        {"bucket": np.append(found, -1), "count": np.append(counts[found], texts)}, schema=COUNTS
    )


def common_buckets(counts: pl.DataFrame) -> list[int]:
    """Return the buckets of common shingles, ascending, from the counts (`COUNTS`) of all parts."""
    buckets, own = counts["bucket"].to_numpy(), counts["count"].to_numpy()
    # The texts come first.
    summed = np.bincount(buckets + 1, weights=own, minlength=1)
    return np.flatnonzero(summed[1:] > max(LEAST, SHARE * summed[0])).tolist()


def bucket_table(buckets: Sequence[int]) -> np.ndarray[Any, np.dtype[np.uint8]]:
    """Return a table that says of each bucket whether it is common, 1 or 0."""
    table = np.zeros(1 << BUCKETS_LOG2, np.uint8)
    table[np.asarray(buckets, np.int64)] = 1
    return table


def common_shingles(hashes: Array, table: Array) -> Array:
    """Return which shingles, by their hashes, are common: 1 or 0, uint8."""
    return np.take(table, bucket_of(hashes), mode="clip")


def few_rare(none: Array, common: Array, whole: Array, least: int) -> Array:
    """Return which texts keep their common shingles.

    It is a short text that would keep fewer than `least` without them, and one of common ones.

    Args:
        none: which texts have no shingles but common ones.
        common: how many shingles of each short text are common.
        whole: how many each text has.
        least: shingles that a short text must keep.
    """
    return none | ((whole < SHORT * least) & (whole - common < least))
