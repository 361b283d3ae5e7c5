"""In which partition a pair is compared: one that has most of what its texts are compared with."""

from __future__ import annotations

import numpy as np
import polars as pl

from goldleaf.curation.engines.engine import PARTITION, PARTITIONS
from goldleaf.curation.near_duplicates.record_parts import partition_of


def placed_apart(pairs: pl.DataFrame) -> pl.DataFrame:
    """Return pairs (`PAIRS`) with the partition of `a`: any set is spread evenly."""
    return pairs.with_columns(pl.Series(PARTITION, partition_of(pairs["a"].to_numpy()), pl.Int32))


def placed_together(pairs: pl.DataFrame) -> pl.DataFrame:
    """Return pairs (`PAIRS`) with one partition for all that share texts, over any steps.

    A text is then read, folded and cut into shingles once, not in each partition of a pair of it.
    Where so many hang together that one partition would have most of the work, they are spread.
    """
    if not pairs.height:
        return placed_apart(pairs)
    ends = np.concatenate([pairs["a"].to_numpy(), pairs["b"].to_numpy()])
    keys, nodes = np.unique(ends, return_inverse=True)
    first = keys[least_of_component(len(keys), *np.split(nodes, 2))][nodes[: pairs.height]]
    alone = pairs.with_columns(pl.Series("first", first, pl.Int64))
    many = max(1, pairs.height // PARTITIONS)
    start = pl.when(pl.len().over("first") > many).then("a").otherwise("first")
    found = alone.with_columns(start.alias("first"))
    places = partition_of(found["first"].to_numpy())
    return found.drop("first").with_columns(pl.Series(PARTITION, places, pl.Int32))


def needed_texts(pairs: pl.DataFrame) -> pl.DataFrame:
    """Return which texts (`kind`, `key`) are needed in which partition, those of placed pairs."""
    sides = [pairs.select("kind", pl.col(side).alias("key"), PARTITION) for side in ("a", "b")]
    return pl.concat(sides).unique()


def pairs_of_partition(pairs: pl.DataFrame, partition: int) -> pl.DataFrame:
    """Return the placed pairs of a partition, in a fixed order."""
    return pairs.filter(pl.col(PARTITION) == partition).drop(PARTITION).sort("kind", "a", "b")


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
