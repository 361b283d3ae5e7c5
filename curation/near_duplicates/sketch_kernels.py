"""Kernels from texts to candidate pairs, and from candidate pairs to compared ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from goldleaf.curation.engines.engine import PARTITION
from goldleaf.curation.engines.stages import read_parquet
from goldleaf.curation.near_duplicates.candidate_pairs import BANDS, ESTIMATED, Banding, band_rows
from goldleaf.curation.near_duplicates.common_shingles import (
    COUNTS,
    bucket_table,
    count_shingles,
    rare_shingles,
    sampled,
    without_common,
)
from goldleaf.curation.near_duplicates.folded_texts import code_points, fold, fold_points
from goldleaf.curation.near_duplicates.placed_pairs import pairs_of_partition
from goldleaf.curation.near_duplicates.record_parts import (
    BATCH_ROWS,
    batches,
    keys_of,
    partition_of,
    read_parts,
)
from goldleaf.curation.near_duplicates.shingles import shingles, signatures
from goldleaf.curation.near_duplicates.text_forms import SIGNATURES, content_hashes

Array = np.ndarray[Any, Any]

ROW, PROMPT = 0, 1
"""Kinds of pairs: of rows (prompt and answer), and of prompts."""
ROW_BANDS = Banding(bands=42, rows=3)
"""Two rows that share half of their 5-grams share a band in 99.6 of 100 cases."""
WHOLE_BANDS = Banding(bands=6, rows=8, first=100)
"""Of signatures with the common shingles too: if one row in a hundred is a copy of the same text,
that text is common. Two rows that share 90 % share a band in 97 of 100 cases."""
PROMPT_BANDS = Banding(bands=20, rows=4, kind=1)
"""Two prompts that share 70 % of their 5-grams share a band in 99.6 of 100 cases, 50 % in 72."""
BANDINGS = {ROW: (ROW_BANDS, WHOLE_BANDS), PROMPT: (PROMPT_BANDS,)}
"""Of each kind, what its signatures are made of, one after the other."""
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


@dataclass(frozen=True)
class Count:
    """Kernel: in how many texts of a sample each shingle occurs (`COUNTS`).

    Attributes:
        rows: how many there are.
    """

    rows: int

    def __call__(self, paths: pl.DataFrame) -> pl.DataFrame:
        """Read files of rows."""
        rows = read_parts(paths)
        rows = rows.filter(pl.Series(sampled(keys_of(rows["record"]), self.rows)))
        found = [pl.DataFrame(schema=COUNTS)]
        for _, texts in _batches(rows):
            hashes, offsets = shingles(fold(texts))
            found.append(count_shingles(hashes, offsets[::2]))
        return pl.concat(found).group_by("bucket").agg(pl.col("count").sum()).select(list(COUNTS))


@dataclass(frozen=True)
class Sketch:
    """Kernel: the normal forms and signatures (`FORMS`) of rows.

    Attributes:
        common: buckets of common shingles.
        answers: whether rows are compared, not only prompts.
    """

    common: Sequence[int]
    answers: bool = True

    def __call__(self, paths: pl.DataFrame) -> pl.DataFrame:
        """Read files of rows."""
        rows = read_parts(paths)
        # Rows that declare tools are told apart by these: only equal ones are duplicates.
        structured = (rows["structured"] | (rows["tools"] != "")).to_numpy()
        tools = rows["tools"].to_list()
        table = bucket_table(self.common)
        content: list[bytes] = []
        prompts: list[int] = []
        found: dict[int, list[bytes]] = {ROW: [], PROMPT: []}
        for batch, texts in _batches(rows):
            points, bounds = code_points(texts)
            folded = fold_points(points, bounds)
            exact = structured[batch]
            contents, asked = content_hashes(
                texts, points, bounds, folded, exact.tolist(), tools[batch]
            )
            content.extend(contents)
            prompts.extend(asked)
            hashes, offsets = shingles(folded)
            rare = rare_shingles(hashes, table)
            compared = ~exact if self.answers else np.zeros(len(exact), np.bool_)
            for kind, ends, wanted in (
                (ROW, offsets[2::2], compared),
                (PROMPT, offsets[1::2], np.ones(len(exact), np.bool_)),
            ):
                found[kind].extend(_signed(hashes, rare, offsets[:-1:2], ends, wanted, kind))
        first = np.fromiter((each[0] for each in content), np.int64, len(content))
        return rows.select(
            pl.Series(PARTITION, partition_of(first), pl.Int32),
            pl.Series("key", keys_of(rows["record"]), pl.Int64),
            "record",
            pl.col("preference").fill_nan(None).fill_null(-np.inf),
            pl.Series("content", content, pl.Binary),
            pl.Series("prompt", prompts, pl.Int64),
            pl.Series("row_signature", found[ROW], pl.Binary),
            pl.Series("prompt_signature", found[PROMPT], pl.Binary),
        )


def _signed(
    hashes: Array, rare: Array, starts: Array, ends: Array, wanted: Array, kind: int
) -> list[bytes]:
    """Return the signatures of some ranges of shingles; empty of those not wanted."""
    chosen = np.flatnonzero(wanted & (ends > starts))
    found = [b""] * len(starts)
    if not len(chosen):
        return found
    places, offsets = _ranges(starts[chosen], ends[chosen])
    whole = hashes[places]
    own, own_offsets = without_common(whole, offsets, rare[places], LEAST_RARE)
    values = [
        signatures(whole, offsets, banding.permutations)
        if banding is WHOLE_BANDS
        else signatures(own, own_offsets, banding.permutations)
        for banding in BANDINGS[kind]
    ]
    # The lower bits of a least hash are evenly spread, the upper ones mostly zero.
    data = np.concatenate(values, axis=1).astype(np.uint16)
    width, content = 2 * data.shape[1], data.tobytes()
    for place, row in enumerate(chosen.tolist()):
        found[row] = content[width * place : width * (place + 1)]
    return found


@dataclass(frozen=True)
class Bands:
    """Kernel: the bands (`BANDS`) of the signatures in files (`LED`).

    Attributes:
        prompts: keys of the rows whose prompts are compared, ascending.
    """

    prompts: Array

    def __call__(self, paths: pl.DataFrame) -> pl.DataFrame:
        """Read files of signatures."""
        signed = _sketches(paths)
        found = [pl.DataFrame(schema=BANDS)]
        for kind in BANDINGS:
            own = signed.filter(pl.col("kind") == kind)
            if kind == PROMPT:
                own = own.filter(pl.Series(_selected(own["key"].to_numpy(), self.prompts)))
            for batch in own.iter_slices(4 * BATCH_ROWS) if own.height else ():
                for banding, values in signature_parts(batch["signature"], kind):
                    found.append(band_rows(batch["key"].to_numpy(), values, banding))
        return pl.concat(found)


def _sketches(paths: pl.DataFrame) -> pl.DataFrame:
    """Return `kind`, `key`, `signature` of files (`LED`)."""
    rows = read_parquet(paths, ["key", *SIGNATURES])
    names = {ROW: "row_signature", PROMPT: "prompt_signature"}
    return pl.concat(
        rows.filter(pl.col(name) != b"").select(
            pl.lit(kind, pl.Int32).alias("kind"), "key", pl.col(name).alias("signature")
        )
        for kind, name in names.items()
    )


def _selected(keys: Array, wanted: Array) -> Array:
    """Return which keys are among some, which are ascending."""
    places = np.minimum(np.searchsorted(wanted, keys), max(len(wanted) - 1, 0))
    return wanted[places] == keys if len(wanted) else np.zeros(len(keys), np.bool_)


def signature_parts(column: pl.Series, kind: int) -> list[tuple[Banding, Array]]:
    """Return the parts of signatures as arrays of 16-bit numbers, (rows, permutations)."""
    widths = [banding.permutations for banding in BANDINGS[kind]]
    data = np.frombuffer(b"".join(column.to_list()), np.uint16).reshape(len(column), sum(widths))
    parts = np.split(data, np.cumsum(widths)[:-1], axis=1)
    return list(zip(BANDINGS[kind], parts, strict=True))


@dataclass(frozen=True)
class Needed:
    """Kernel: the signatures that pairs need, where these are compared (`SKETCHES`).

    Attributes:
        needed: frame of `kind`, `key` and `p`, unique.
    """

    needed: pl.DataFrame

    def __call__(self, paths: pl.DataFrame) -> pl.DataFrame:
        """Read files of signatures."""
        joined = _sketches(paths).join(self.needed, on=["kind", "key"], how="inner")
        return joined.select(list(SKETCHES))


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
            keys, parts = own["key"].to_numpy(), signature_parts(own["signature"], kind)
            for chunk in pairs.filter(pl.col("kind") == kind).iter_slices(4 * BATCH_ROWS):
                one, other = (np.searchsorted(keys, chunk[side].to_numpy()) for side in ("a", "b"))
                share = np.zeros(len(chunk), np.int64)
                for banding, values in parts:
                    equal = np.count_nonzero(values[one] == values[other], axis=1)
                    share = np.maximum(share, equal * 1000 // banding.permutations)
                estimated = chunk.with_columns(pl.Series("equal", share, pl.Int32))
                found.append(estimated.filter(pl.col("equal") >= LEAST_EQUAL * 1000))
        return pl.concat(found).sort("kind", "a", "b")


def _batches(rows: pl.DataFrame) -> Any:
    """Yield slices of rows and their texts, prompt and answer in turn."""
    prompts, answers = rows["prompt"].to_list(), rows["answer"].to_list()
    sizes = (rows["prompt"].str.len_bytes() + rows["answer"].str.len_bytes()).to_numpy()
    for batch in batches(sizes):
        pairs = zip(prompts[batch], answers[batch], strict=True)
        yield batch, [text for pair in pairs for text in pair]


def _ranges(starts: Array, ends: Array) -> tuple[Any, Array]:
    """Return an index of some ranges one after the other, and their offsets in what it gives."""
    offsets = np.zeros(len(starts) + 1, np.int64)
    np.cumsum(ends - starts, out=offsets[1:])
    if np.array_equal(starts[1:], ends[:-1]):
        return slice(starts[0], ends[-1]), offsets
    places = np.arange(offsets[-1]) + np.repeat(starts - offsets[:-1], ends - starts)
    return places, offsets


@dataclass(frozen=True)
class Documents:
    """Kernel: the texts that pairs need, where they are compared (`DOCUMENTS`).

    Attributes:
        needed: frame of `key`, `p` and whether `answers` are needed, one row each of `key`, `p`.
    """

    needed: pl.DataFrame

    def __call__(self, paths: pl.DataFrame) -> pl.DataFrame:
        """Read files of rows; an answer that is not needed is empty."""
        rows = read_parts(paths)
        keyed = rows.with_columns(pl.Series("key", keys_of(rows["record"]), pl.Int64))
        answer = pl.when("answers").then("answer").otherwise(pl.lit("")).alias("answer")
        joined = keyed.join(self.needed, on="key", how="inner")
        return joined.with_columns(answer).select(list(DOCUMENTS))
