"""Kernels from signatures to candidate pairs, and to pairs whose signatures are alike."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from goldleaf.curation.engines.engine import PARTITION
from goldleaf.curation.engines.stages import read_parquet
from goldleaf.curation.near_duplicates.candidate_pairs import ESTIMATED, Banding, band_rows
from goldleaf.curation.near_duplicates.placed_pairs import pairs_of_partition
from goldleaf.curation.near_duplicates.sketch_kernels import (
    LETTER_VALUES,
    PROMPT_VALUES,
    ROW_VALUES,
    WHOLE_VALUES,
)
from goldleaf.curation.near_duplicates.text_forms import SIGNATURES

Array = np.ndarray[Any, Any]

ROW, PROMPT = 0, 1
"""Kinds of pairs: of rows (prompt and answer), and of prompts."""
ROW_BANDS = Banding(bands=42, rows=3)
"""Two rows that share half of their 5-grams share a band in 99.6 of 100 cases; of 12 5-grams in
97.5, because their bins borrow from each other."""
WHOLE_BANDS = Banding(bands=6, rows=8, first=100)
"""Of signatures with the common shingles too: if one row in a hundred is a copy of the same text,
that text is common. Two rows that share 90 % share a band in 97 of 100 cases."""
PROMPT_BANDS = Banding(bands=24, rows=4, kind=1)
"""Two prompts that share 70 % of their 5-grams share a band in 99.8 of 100 cases, 50 % in 79."""
ROW_LETTERS = Banding(bands=1, rows=4, first=200)
PROMPT_LETTERS = Banding(bands=1, rows=4, kind=1, first=200)
"""Of what characters a text has: two short texts of the same ones, some swapped, may share no
5-gram. Their letters are compared instead of their 5-grams."""
BANDINGS = {
    ROW: (
        (ROW_BANDS, ROW_VALUES),
        (WHOLE_BANDS, WHOLE_VALUES),
        (ROW_LETTERS, LETTER_VALUES),
    ),
    PROMPT: ((PROMPT_BANDS, PROMPT_VALUES), (PROMPT_LETTERS, LETTER_VALUES)),
}
"""Of each kind, how the parts of its signatures are cut, and how many values each has."""
LEAST_EQUAL = 0.3
"""Share of equal values of two signatures, that is of shingles which are not common, from which
texts are compared."""
SKETCHES = {
    PARTITION: pl.Int32,
    "kind": pl.Int32,
    "key": pl.Int64,
    "signature": pl.Binary,
}
"""`signature`: 16-bit numbers, the parts of `BANDINGS` one after the other."""

BAND_VERSION = "5"
_NAMES = {ROW: "row_signature", PROMPT: "prompt_signature"}
_SLICE = 4_000
"""Signatures that are cut at once."""
_PAIRS = 2_000
"""Pairs of signatures that stay in a cache of the processor."""


@dataclass(frozen=True)
class Bands:
    """Kernel: the bands (`BANDS`) of the signatures in files (`LED`).

    Attributes:
        prompts: keys of the rows whose prompts are compared, ascending.
        number: of this pass, from 0: it has some of the partitions.
        passes: how many there are.
    """

    prompts: Array
    number: int = 0
    passes: int = 1

    def __call__(self, paths: pl.DataFrame) -> pl.DataFrame:
        """Read files of signatures."""
        rows = read_parquet(paths, ["key", *SIGNATURES])
        return band_rows(self._signed(rows), self.number, self.passes)

    def _signed(self, rows: pl.DataFrame) -> Iterator[tuple[Array, Array, Banding]]:
        for kind, name in _NAMES.items():
            wanted = rows[name].bin.size() > 0
            if kind == PROMPT:
                wanted &= pl.Series(_selected(rows["key"].to_numpy(), self.prompts))
            own = rows.filter(wanted)
            for batch in own.iter_slices(_SLICE) if own.height else ():
                for banding, values in signature_parts(batch[name], kind):
                    yield batch["key"].to_numpy(), values, banding


def _selected(keys: Array, wanted: Array) -> Array:
    """Return which keys are among some, which are ascending."""
    places = np.minimum(np.searchsorted(wanted, keys), max(len(wanted) - 1, 0))
    return wanted[places] == keys if len(wanted) else np.zeros(len(keys), np.bool_)


def signature_parts(column: pl.Series, kind: int) -> list[tuple[Banding, Array]]:
    """Return the parts of signatures as arrays of 16-bit numbers, (rows, values)."""
    parts = np.split(_values(column, kind), np.cumsum(_widths(kind))[:-1], axis=1)
    return [(banding, part) for (banding, _), part in zip(BANDINGS[kind], parts, strict=True)]


def _widths(kind: int) -> list[int]:
    """Return how many values the parts of a signature have."""
    return [width for _, width in BANDINGS[kind]]


def _values(column: pl.Series, kind: int) -> Array:
    return column.bin.reinterpret(dtype=pl.Array(pl.UInt16, sum(_widths(kind)))).to_numpy()


def _equal_share(values: Array, one: Array, other: Array, kind: int) -> Array:
    """Return of pairs how many of 1,000 values are equal, of the part of which most are.

    Args:
        values: signatures, (texts, values).
        one: of each pair a row of `values`.
        other: the other one.
        kind: of the signatures.
    """
    # Eight values a byte: adding them up one by one took half of the time.
    equal = np.bitwise_count(np.packbits(values[one] == values[other], axis=1))
    share, start = np.zeros(len(one), np.int64), 0
    for width in _widths(kind):
        # Each part but the last is of whole bytes.
        end = start + -(-width // 8)
        counts = equal[:, start:end].sum(axis=1, dtype=np.int64)
        share = np.maximum(share, counts * 1000 // width)
        start = end
    return share


@dataclass(frozen=True)
class Needed:
    """Kernel: the signatures that pairs need, where these are compared (`SKETCHES`).

    Attributes:
        needed: frame of `kind`, `key` and `p`, unique.
    """

    needed: pl.DataFrame

    def __call__(self, paths: pl.DataFrame) -> pl.DataFrame:
        """Read files of signatures."""
        rows = read_parquet(paths, ["key", *SIGNATURES])
        found: list[pl.DataFrame] = []
        for kind, name in _NAMES.items():
            own = rows.filter(pl.col(name).bin.size() > 0).select("key", signature=name)
            needed = self.needed.filter(pl.col("kind") == kind)
            found.append(own.join(needed, on="key", how="inner").select(list(SKETCHES)))
        return pl.concat(found)


@dataclass(frozen=True)
class Close:
    """Kernel: the pairs (`ESTIMATED`) whose signatures agree in `LEAST_EQUAL` of their values.

    Attributes:
        pairs: `PAIRS` and their partition.
    """

    pairs: pl.DataFrame

    def __call__(self, sketches: pl.DataFrame) -> pl.DataFrame:
        """Compare; `sketches` are of one partition."""
        pairs = pairs_of_partition(self.pairs, sketches[PARTITION][0])
        found = [pl.DataFrame(schema=ESTIMATED)]
        for kind in BANDINGS:
            own = sketches.filter(pl.col("kind") == kind).unique("key", keep="any").sort("key")
            keys, values = own["key"].to_numpy(), _values(own["signature"], kind)
            for chunk in pairs.filter(pl.col("kind") == kind).iter_slices(_PAIRS):
                one, other = (np.searchsorted(keys, chunk[side].to_numpy()) for side in ("a", "b"))
                share = _equal_share(values, one, other, kind)
                estimated = chunk.with_columns(pl.Series("equal", share, pl.Int32))
                found.append(estimated.filter(pl.col("equal") >= LEAST_EQUAL * 1000))
        return pl.concat(found)
