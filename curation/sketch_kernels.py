"""Kernels from texts to candidate pairs, and from candidate pairs to compared ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from goldleaf.curation.candidate_pairs import BANDS, Banding, band_rows
from goldleaf.curation.common_shingles import (
    COUNTS,
    bucket_table,
    count_shingles,
    sampled,
    without_common,
)
from goldleaf.curation.engines.engine import PARTITION
from goldleaf.curation.folded_texts import fold
from goldleaf.curation.record_parts import batches, keys_of, partition_of, read_parts
from goldleaf.curation.shingles import shingles, signatures

Array = np.ndarray[Any, Any]

ROW, PROMPT = 0, 1
"""Kinds of pairs: of rows (prompt and answer), and of prompts."""
ROW_BANDS = Banding(bands=42, rows=3)
"""Two rows that share half of their 5-grams share a band in 99.6 of 100 cases."""
PROMPT_BANDS = Banding(bands=20, rows=4, kind=1)
"""Two prompts that share 70 % of their 5-grams share a band in 99.6 of 100 cases."""
LEAST_RARE = 8
"""A text with fewer shingles that are not common keeps the common ones."""

SKETCH_VERSION = "1"

DOCUMENTS = {
    PARTITION: pl.Int32,
    "key": pl.Int64,
    "prompt": pl.String,
    "answer": pl.String,
}


def _selected(keys: Array, wanted: Array) -> Array:
    """Return which keys are among some, which are ascending."""
    places = np.minimum(np.searchsorted(wanted, keys), max(len(wanted) - 1, 0))
    return wanted[places] == keys if len(wanted) else np.zeros(len(keys), np.bool_)


@dataclass(frozen=True)
class Count:
    """Kernel: in how many texts of a sample each shingle occurs (`COUNTS`).

    Attributes:
        rows: as in `Sketch`.
        prompts: as in `Sketch`.
    """

    rows: Array
    prompts: Array

    def __call__(self, paths: pl.DataFrame) -> pl.DataFrame:
        """Read files."""
        rows = read_parts(paths)
        keys = keys_of(rows["record"])
        wanted = _selected(keys, self.rows) & sampled(keys, len(self.rows))
        wanted |= _selected(keys, self.prompts) & sampled(keys, len(self.prompts))
        found = [pl.DataFrame(schema=COUNTS)]
        for _, texts in _batches(rows.filter(pl.Series(wanted))):
            hashes, offsets = shingles(fold(texts))
            found.append(count_shingles(hashes, offsets[::2]))
        return pl.concat(found).group_by("bucket").agg(pl.col("count").sum()).select(list(COUNTS))


@dataclass(frozen=True)
class Sketch:
    """Kernel: the bands (`BANDS`) of rows and of prompts.

    Attributes:
        rows: keys of the rows that are compared, ascending.
        prompts: keys of the rows whose prompts are, ascending.
        common: buckets of common shingles.
    """

    rows: Array
    prompts: Array
    common: Sequence[int]

    def __call__(self, paths: pl.DataFrame) -> pl.DataFrame:
        """Read files."""
        rows = read_parts(paths)
        keys = keys_of(rows["record"])
        whole, asked = _selected(keys, self.rows), _selected(keys, self.prompts)
        wanted = whole | asked
        rows, keys, whole, asked = (
            rows.filter(pl.Series(wanted)),
            keys[wanted],
            whole[wanted],
            asked[wanted],
        )
        table = bucket_table(self.common)
        found = [pl.DataFrame(schema=BANDS)]
        for batch, texts in _batches(rows):
            hashes, offsets = shingles(fold(texts))
            starts, middles, ends = offsets[:-1:2], offsets[1::2], offsets[2::2]
            for chosen, banding, last in (
                (whole[batch], ROW_BANDS, ends),
                (asked[batch], PROMPT_BANDS, middles),
            ):
                chosen = chosen & (last > starts)
                own, lengths = _ranges(hashes, starts[chosen], last[chosen])
                own, lengths, _ = without_common(own, lengths, table, LEAST_RARE)
                if len(lengths) > 1:
                    values = signatures(own, lengths, banding.permutations)
                    found.append(band_rows(keys[batch][chosen], values, banding))
        return pl.concat(found)


def _batches(rows: pl.DataFrame) -> Any:
    """Yield slices of rows and their texts, prompt and answer in turn."""
    prompts, answers = rows["prompt"].to_list(), rows["answer"].to_list()
    sizes = (rows["prompt"].str.len_bytes() + rows["answer"].str.len_bytes()).to_numpy()
    for batch in batches(sizes):
        pairs = zip(prompts[batch], answers[batch], strict=True)
        yield batch, [text for pair in pairs for text in pair]


def _ranges(hashes: Array, starts: Array, ends: Array) -> tuple[Array, Array]:
    """Return some ranges of an array one after the other, and their offsets."""
    offsets = np.zeros(len(starts) + 1, np.int64)
    np.cumsum(ends - starts, out=offsets[1:])
    places = np.arange(offsets[-1]) + np.repeat(starts - offsets[:-1], ends - starts)
    return hashes[places], offsets


@dataclass(frozen=True)
class Documents:
    """Kernel: the texts that pairs need, where they are compared (`DOCUMENTS`).

    Attributes:
        needed: frame of `key` and `p`, unique.
    """

    needed: pl.DataFrame

    def __call__(self, paths: pl.DataFrame) -> pl.DataFrame:
        """Read files."""
        rows = read_parts(paths)
        keyed = rows.with_columns(pl.Series("key", keys_of(rows["record"]), pl.Int64))
        return keyed.join(self.needed, on="key", how="inner").select(list(DOCUMENTS))


def needed_documents(pairs: pl.DataFrame) -> pl.DataFrame:
    """Return which text is needed in which partition: pairs are compared in that of `a`."""
    placed = pairs.with_columns(pl.Series(PARTITION, partition_of(pairs["a"].to_numpy()), pl.Int32))
    sides = [placed.select(pl.col(side).alias("key"), PARTITION) for side in ("a", "b")]
    return pl.concat(sides).unique()
