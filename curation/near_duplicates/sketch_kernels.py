"""Kernels from texts to their normal forms and signatures."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from goldleaf.curation.engines.engine import PARTITION
from goldleaf.curation.engines.stages import read_parquet
from goldleaf.curation.near_duplicates.common_shingles import (
    BUCKETS_LOG2,
    bucket_table,
    count_shingles,
    counted,
    few_rare,
    sampled,
)
from goldleaf.curation.near_duplicates.folded_texts import FoldedTexts, fold, fold_with_symbols
from goldleaf.curation.near_duplicates.record_parts import (
    batches,
    keys_of,
    partition_of,
    read_parts,
    read_texts,
)
from goldleaf.curation.near_duplicates.shingles import shingle_counts, shingles
from goldleaf.curation.near_duplicates.signatures import (
    BINS,
    NOTHING,
    least_hashes,
    letter_sums,
    signatures,
)
from goldleaf.curation.near_duplicates.text_forms import SIGNATURES, content_hashes

Array = np.ndarray[Any, Any]

ROW_VALUES = BINS
WHOLE_VALUES = BINS // 2
PROMPT_VALUES = 96
"""Values of the signatures: of a row without common shingles, of one with them, of a prompt."""
LETTER_VALUES = 4
"""Values that say which characters a text has, in any order."""
_LETTER_FACTOR = np.uint64(0xD6E8FEB86659FD93)
_PROMPT_FACTOR = np.uint64(0x9E3779B97F4A7C15)
LEAST_RARE = 8
"""A text with fewer shingles that are not common keeps the common ones."""
SKETCH_VERSION = "4"


@dataclass(frozen=True)
class Count:
    """Kernel: in how many texts of a sample each shingle occurs (`COUNTS`).

    Attributes:
        rows: how many there are.
    """

    rows: int

    def __call__(self, paths: pl.DataFrame) -> pl.DataFrame:
        """Read files of rows."""
        records = read_parquet(paths, ["record"])["record"].cast(pl.String)
        wanted = records.filter(pl.Series(sampled(keys_of(records), self.rows), dtype=pl.Boolean))
        rows = _plain_first(read_texts(paths, wanted))
        counts = np.zeros(1 << BUCKETS_LOG2, np.int64)
        for _, texts in _batches(rows):
            hashes, offsets = shingles(fold(texts))
            counts += count_shingles(hashes, offsets[::2])
        return counted(counts, rows.height)


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
        rows = _plain_first(read_parts(paths))
        # Rows that declare tools are told apart by these: only equal ones are duplicates.
        structured = (rows["structured"] | (rows["tools"] != "")).to_numpy()
        tools = rows["tools"].to_list()
        table = bucket_table(self.common)
        content: list[bytes] = []
        asked: list[int] = []
        signed: dict[str, list[tuple[Array, Array]]] = {name: [] for name in SIGNATURES}
        for batch, texts in _batches(rows):
            folded, marks, counts = fold_with_symbols(texts)
            exact = structured[batch]
            contents, prompts = content_hashes(texts, folded, marks, counts, exact, tools[batch])
            content.extend(contents)
            asked.extend(prompts)
            compared = ~exact if self.answers else np.zeros(len(exact), np.bool_)
            for name, own in zip(SIGNATURES, _signed(folded, table, compared), strict=True):
                signed[name].append(own)
        first = np.fromiter((each[0] for each in content), np.int64, len(content))
        return rows.select(
            pl.Series(PARTITION, partition_of(first), pl.Int32),
            pl.Series("key", keys_of(rows["record"]), pl.Int64),
            "record",
            pl.col("preference").fill_nan(None).fill_null(-np.inf),
            pl.Series("content", content, pl.Binary),
            pl.Series("prompt", asked, pl.Int64),
            *(_binary(parts, name) for name, parts in signed.items()),
        )


def _signed(
    folded: FoldedTexts, table: Array, compared: Array
) -> tuple[tuple[Array, Array], tuple[Array, Array]]:
    """Return the signatures of rows and those of prompts, and which of them are wanted.

    Args:
        folded: prompt and answer of each row in turn.
        table: which buckets are common.
        compared: which rows are.
    """
    least, often = least_hashes(folded, table)
    counts = shingle_counts(folded)
    prompts = _least_rare(least[::2], often[::2], counts[::2])
    rows = np.minimum(least[::2], least[1::2])
    row_counts, row_often = counts[::2] + counts[1::2], often[::2] + often[1::2]
    whole = rows.min(axis=1).reshape(len(rows), 2, WHOLE_VALUES).min(axis=1)
    rare = _least_rare(rows, row_often, row_counts)
    letters = letter_sums(folded).astype(np.uint64)
    letters *= _LETTER_FACTOR
    letters ^= letters >> np.uint64(32)
    both = letters[::2] * _PROMPT_FACTOR + letters[1::2]
    values = [signatures(rare), signatures(whole), _sixteen_bits(both)]
    asked = [signatures(prompts)[:, :PROMPT_VALUES], _sixteen_bits(letters[::2])]
    return (
        (np.concatenate(values, axis=1), compared & (row_counts > 0)),
        (np.concatenate(asked, axis=1), counts[::2] > 0),
    )


def _sixteen_bits(numbers: Array) -> Array:
    """Return numbers of 64 bits as rows of four."""
    return np.ascontiguousarray(numbers.astype("<u8")).view(np.uint16).reshape(-1, LETTER_VALUES)


def _least_rare(least: Array, common: Array, counts: Array) -> Array:
    """Return the least hashes without common shingles, or with them if the others are few."""
    found = least[:, 0].copy()
    few = few_rare(found.min(axis=1, initial=NOTHING) == NOTHING, common, counts, LEAST_RARE)
    found[few] = np.minimum(found[few], least[few, 1])
    return found


def _binary(parts: Sequence[tuple[Array, Array]], name: str) -> pl.Series:
    """Return rows of arrays as bytes, empty ones of rows that are not wanted."""
    if not parts:
        return pl.Series(name, [], pl.Binary)
    values, kept = (np.concatenate(each) for each in zip(*parts, strict=True))
    found = pl.Series(name, values.view(np.uint8)).arr.to_list().cast(pl.Binary)
    return found if kept.all() else found.zip_with(pl.Series(kept), pl.Series([b""]))


def _plain_first(rows: pl.DataFrame) -> pl.DataFrame:
    """Return rows, those of ASCII texts first: such texts alone are folded in half the time."""
    texts = (pl.col(name).str for name in ("prompt", "answer"))
    wide = pl.sum_horizontal(text.len_bytes() - text.len_chars() for text in texts) > 0
    return rows.sort(wide, maintain_order=True)


def _batches(rows: pl.DataFrame) -> Iterator[tuple[slice, list[str]]]:
    """Yield slices of rows and their texts, prompt and answer in turn."""
    sizes = (rows["prompt"].str.len_bytes() + rows["answer"].str.len_bytes()).to_numpy()
    for batch in batches(sizes):
        texts = [""] * (2 * (batch.stop - batch.start))
        # Not the texts of all rows at once: so their memory is that of the batch before.
        texts[::2], texts[1::2] = (rows[name][batch].to_list() for name in ("prompt", "answer"))
        yield batch, texts
