"""Kernels from texts to candidate pairs, and from candidate pairs to compared ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from goldleaf.curation.candidate_pairs import BANDS, PAIRS, Banding, band_rows
from goldleaf.curation.common_shingles import (
    COUNTS,
    bucket_table,
    count_shingles,
    sampled,
    without_common,
)
from goldleaf.curation.engines.engine import PARTITION
from goldleaf.curation.engines.stages import read_parquet
from goldleaf.curation.folded_texts import fold
from goldleaf.curation.record_parts import (
    BATCH_ROWS,
    batches,
    keys_of,
    partition_of,
    read_parts,
)
from goldleaf.curation.shingles import shingles, signatures

Array = np.ndarray[Any, Any]

ROW, PROMPT = 0, 1
"""Kinds of pairs: of rows (prompt and answer), and of prompts."""
ROW_BANDS = Banding(bands=42, rows=3)
"""Two rows that share half of their 5-grams share a band in 99.6 of 100 cases."""
PROMPT_BANDS = Banding(bands=20, rows=4, kind=1)
"""Two prompts that share 70 % of their 5-grams share a band in 99.6 of 100 cases."""
BANDINGS = {ROW: ROW_BANDS, PROMPT: PROMPT_BANDS}
LEAST_RARE = 8
"""A text with fewer shingles that are not common keeps the common ones."""
LEAST_EQUAL = 0.3
"""Share of equal values of two signatures, that is of shingles which are not common, from which
texts are compared."""
SKETCHES = {
    PARTITION: pl.Int32,
    "kind": pl.Int32,
    "key": pl.Int64,
    "signature": pl.Binary,
}
"""`signature`: 16-bit numbers, as many as the kind's banding has permutations."""

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
    """Kernel: the signatures (`SKETCHES`) of rows and of prompts.

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
        wanted = _selected(keys, self.rows) | _selected(keys, self.prompts)
        rows, keys = rows.filter(pl.Series(wanted)), keys[wanted]
        chosen = {ROW: _selected(keys, self.rows), PROMPT: _selected(keys, self.prompts)}
        table = bucket_table(self.common)
        found = [pl.DataFrame(schema=SKETCHES)]
        for batch, texts in _batches(rows):
            hashes, offsets = shingles(fold(texts))
            starts, ends = offsets[:-1:2], {ROW: offsets[2::2], PROMPT: offsets[1::2]}
            for kind, banding in BANDINGS.items():
                here = chosen[kind][batch] & (ends[kind] > starts)
                own, places = _ranges(hashes, starts[here], ends[kind][here])
                own, places = without_common(own, places, table, LEAST_RARE)
                if len(places) > 1:
                    values = signatures(own, places, banding.permutations)
                    found.append(_sketches(kind, keys[batch][here], values))
        return pl.concat(found)


def _sketches(kind: int, keys: Array, signatures: Array) -> pl.DataFrame:
    # The lower bits of a least hash are evenly spread, the upper ones mostly zero.
    data = signatures.astype(np.uint16).tobytes()
    width = 2 * signatures.shape[1]
    return pl.DataFrame(
        {
            PARTITION: partition_of(keys),
            "kind": np.full(len(keys), kind, np.int32),
            "key": keys,
            "signature": [data[start : start + width] for start in range(0, len(data), width)],
        },
        schema=SKETCHES,
    )


def same_sketches(sketches: pl.DataFrame) -> pl.DataFrame:
    """Kernel: the sketches of a partition in a fixed order."""
    return sketches.sort("kind", "key")


def bands(paths: pl.DataFrame) -> pl.DataFrame:
    """Kernel: the bands (`BANDS`) of the sketches in files."""
    sketches = read_parquet(paths)
    found = [pl.DataFrame(schema=BANDS)]
    for kind, banding in BANDINGS.items():
        own = sketches.filter(pl.col("kind") == kind)
        for batch in own.iter_slices(4 * BATCH_ROWS) if own.height else ():
            values = signature_matrix(batch["signature"], banding)
            found.append(band_rows(batch["key"].to_numpy(), values, banding))
    return pl.concat(found)


def signature_matrix(column: pl.Series, banding: Banding) -> Array:
    """Return signatures as an array of 16-bit numbers, (rows, permutations)."""
    data = b"".join(column.to_list())
    return np.frombuffer(data, np.uint16).reshape(len(column), banding.permutations)


@dataclass(frozen=True)
class Needed:
    """Kernel: the sketches that pairs need, where these are compared (`SKETCHES`).

    Attributes:
        needed: frame of `kind`, `key` and `p`, unique.
    """

    needed: pl.DataFrame

    def __call__(self, paths: pl.DataFrame) -> pl.DataFrame:
        """Read files of sketches."""
        sketches = read_parquet(paths).drop(PARTITION)
        return sketches.join(self.needed, on=["kind", "key"], how="inner").select(list(SKETCHES))


@dataclass(frozen=True)
class Close:
    """Kernel: the pairs (`PAIRS`) whose signatures agree in `LEAST_EQUAL` of their values.

    Attributes:
        pairs: `PAIRS`.
    """

    pairs: pl.DataFrame

    def __call__(self, sketches: pl.DataFrame) -> pl.DataFrame:
        """Compare; `sketches` are of one partition."""
        pairs = pairs_of_partition(self.pairs, sketches[PARTITION][0])
        found = [pl.DataFrame(schema=PAIRS)]
        for kind, banding in BANDINGS.items():
            own = sketches.filter(pl.col("kind") == kind).unique("key", keep="any").sort("key")
            keys, values = own["key"].to_numpy(), signature_matrix(own["signature"], banding)
            for chunk in pairs.filter(pl.col("kind") == kind).iter_slices(4 * BATCH_ROWS):
                one, other = (np.searchsorted(keys, chunk[side].to_numpy()) for side in ("a", "b"))
                equal = np.count_nonzero(values[one] == values[other], axis=1)
                found.append(chunk.filter(pl.Series(equal >= LEAST_EQUAL * banding.permutations)))
        return pl.concat(found).sort("kind", "a", "b")


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
        """Read files of rows."""
        rows = read_parts(paths)
        keyed = rows.with_columns(pl.Series("key", keys_of(rows["record"]), pl.Int64))
        return keyed.join(self.needed, on="key", how="inner").select(list(DOCUMENTS))


def needed_texts(pairs: pl.DataFrame) -> pl.DataFrame:
    """Return which texts (`kind`, `key`) are needed in which partition, that of `a` of a pair."""
    placed = pairs.with_columns(pl.Series(PARTITION, partition_of(pairs["a"].to_numpy()), pl.Int32))
    sides = [placed.select("kind", pl.col(side).alias("key"), PARTITION) for side in ("a", "b")]
    return pl.concat(sides).unique()


def pairs_of_partition(pairs: pl.DataFrame, partition: int) -> pl.DataFrame:
    """Return the pairs that are compared in a partition, in a fixed order."""
    here = pl.Series(partition_of(pairs["a"].to_numpy()) == partition)
    return pairs.filter(here).sort("kind", "a", "b")
