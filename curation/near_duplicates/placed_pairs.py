"""In which partition a pair is compared: one that has most of what its texts are compared with."""

from __future__ import annotations

import numpy as np
import polars as pl

from goldleaf.curation.engines.engine import PARTITION, PARTITIONS
from goldleaf.curation.near_duplicates.hash_lookup import different_rows
from goldleaf.curation.near_duplicates.record_parts import partition_of

_CLOSER = (0, 400, 500, 550, 600, 650, 700, 750, 800, 850, 900, 950)
"""Of 1,000 values of the signatures, how many are equal of the pairs that stay together."""
_FEW = 500
"""Pairs for which no partition of their own is worth its files."""
_LARGEST = 8
"""Groups for each partition that are placed by their size."""


def placed_apart(pairs: pl.DataFrame) -> pl.DataFrame:
    """Return pairs (`PAIRS`) with the partition of `a`: any set is spread evenly."""
    return pairs.with_columns(pl.Series(PARTITION, partition_of(pairs["a"].to_numpy()), pl.Int32))


def placed_together(pairs: pl.DataFrame) -> pl.DataFrame:
    """Return pairs (`ESTIMATED`) with one partition for all that share texts, over any steps.

    A text is then read, folded and cut into shingles once, not in each partition of a pair of it.
    Where so many hang together that one partition would have most of the work, those stay together
    whose signatures are closer: rows of one template, not of all templates that are alike.
    """
    if not pairs.height:
        return placed_apart(pairs)
    ends = np.concatenate([pairs["a"].to_numpy(), pairs["b"].to_numpy()])
    keys, nodes = np.unique(ends, return_inverse=True)
    one, other = np.split(nodes, 2)
    equal = pairs["equal"].to_numpy()
    partitions = min(PARTITIONS, 1 + pairs.height // _FEW)
    many = max(1, pairs.height // partitions)
    groups, large = np.zeros(len(keys), np.int64), np.ones(len(keys), np.bool_)
    for least in _CLOSER:
        joined = (equal >= least) & large[one] & large[other]
        groups[large] = least_of_component(len(keys), one[joined], other[joined])[large]
        counts = np.bincount(groups[one], minlength=len(keys))
        large = counts[groups] > many
        if not large.any():
            break
    # What still is too much for one partition is a text in very many pairs, or one template.
    groups = np.where(large, np.arange(len(keys)), groups)
    counts = np.bincount(groups[one], minlength=len(keys))
    places = _spread(counts, partition_of(keys) % partitions, partitions)[groups[one]]
    return pairs.with_columns(pl.Series(PARTITION, places, pl.Int32))


def _spread(counts: np.ndarray, places: np.ndarray, partitions: int) -> np.ndarray:
    """Return the partition of each group: the largest, one after the other, where there are fewest.

    Args:
        counts: pairs of each group.
        places: partition of each of the others.
        partitions: how many there are.
    """
    order = np.argsort(-counts, kind="stable")
    found, largest = places.copy(), order[: _LARGEST * partitions]
    others = order[len(largest) :]
    loads = np.bincount(places[others], weights=counts[others], minlength=partitions)
    for group in largest.tolist():
        found[group] = np.argmin(loads)
        loads[found[group]] += counts[group]
    return found


def needed_texts(pairs: pl.DataFrame) -> pl.DataFrame:
    """Return which texts (`kind`, `key`) are needed in which partition, those of placed pairs."""
    sides = [pairs.select("kind", pl.col(side).alias("key"), PARTITION) for side in ("a", "b")]
    both = pl.concat(sides)
    return both[different_rows(*(both[name].to_numpy() for name in both.columns))]


def pairs_of_partition(pairs: pl.DataFrame, partition: int) -> pl.DataFrame:
    """Return the placed pairs of a partition, in the order in which they are."""
    return pairs.filter(pairs[PARTITION] == partition).drop(PARTITION)


def least_of_component(count: int, one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Return for each node the least one that edges join it with.

    Args:
        count: of nodes.
        one: of each edge, a node.
        other: of each edge, the other node.
    """
    least = np.arange(count, dtype=np.int64)
    while True:
        # Each tree hangs under the least tree that an edge joins it with, then all trees are flat.
        first, second = least[one], least[other]
        both = np.minimum(first, second)
        if np.array_equal(first, second):
            return least
        np.minimum.at(least, first, both)
        np.minimum.at(least, second, both)
        while not np.array_equal(least[least], least):
            least = least[least]
