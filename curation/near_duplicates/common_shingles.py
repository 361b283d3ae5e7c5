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

from goldleaf.curation.near_duplicates.shingles import NO_SHINGLE, Array

BUCKETS_LOG2 = 20
SAMPLE = 10_000
"""Texts that are counted, about."""
SHARE = 0.01
"""A shingle in more of the texts than this is common."""
LEAST = 20
"""Texts that must share a shingle to make it common: small sets have no common ones."""
SHORT = 8
"""Times as many shingles as a text must keep, below which it is short."""
COUNTS = {"bucket": pl.Int64, "count": pl.Int64}
"""In how many texts each bucket occurs; bucket -1 counts the texts."""
_BLOCK = 2**14
"""Shingles whose buckets stay in a cache of the processor."""
_SHIFT = np.uint64(64 - BUCKETS_LOG2)


def bucket_of(hashes: Array) -> Array:
    """Return the bucket of each hash, 0 to 2 ** `BUCKETS_LOG2` - 1."""
    return (hashes >> _SHIFT).view(np.int64)


def sampled(keys: Array, count: int) -> Array:
    """Return which of `count` rows with these keys are in the sample: all of few, else by key."""
    step = max(1, count // SAMPLE)
    return keys % step == 0


def count_shingles(hashes: Array, offsets: Array) -> pl.DataFrame:
    """Return in how many texts each bucket occurs (`COUNTS`); counts of parts may be added up."""
    owner = np.repeat(np.arange(len(offsets) - 1, dtype=np.int64), np.diff(offsets))
    once = np.unique((owner << BUCKETS_LOG2) | bucket_of(hashes))
    counts = np.bincount(once & ((1 << BUCKETS_LOG2) - 1), minlength=1 << BUCKETS_LOG2)
    found = np.flatnonzero(counts)
    texts = pl.DataFrame({"bucket": [-1], "count": [len(offsets) - 1]}, schema=COUNTS)
    return pl.concat(
        [texts, pl.DataFrame({"bucket": found, "count": counts[found]}, schema=COUNTS)]
    )


def common_buckets(counts: pl.DataFrame) -> list[int]:
    """Return the buckets of common shingles, ascending, from the counts (`COUNTS`) of all parts."""
    texts = int(counts.filter(pl.col("bucket") < 0)["count"].sum())
    most = max(LEAST, SHARE * texts)
    counts = counts.filter(pl.col("bucket") >= 0)
    summed = counts.group_by("bucket").agg(pl.col("count").sum())
    return summed.filter(pl.col("count") > most)["bucket"].sort().to_list()


def bucket_table(buckets: Sequence[int]) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Return a table that says of each bucket whether it is common; that of `NO_SHINGLE` is not."""
    table = np.zeros(1 << BUCKETS_LOG2, np.bool_)
    table[np.asarray(buckets, np.int64)] = True
    table[bucket_of(np.array([NO_SHINGLE]))] = False
    return table


def common_shingles(hashes: Array, table: Array) -> Array:
    """Return which shingles are common."""
    found = np.empty(len(hashes), np.bool_)
    for start in range(0, len(hashes), _BLOCK):
        some = slice(start, start + _BLOCK)
        np.take(table, bucket_of(hashes[some]), out=found[some], mode="clip")
    return found


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
