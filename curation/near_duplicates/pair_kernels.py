"""Kernels that bring texts where pairs are compared, and compare these."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from goldleaf.curation.engines.engine import PARTITION
from goldleaf.curation.near_duplicates.band_kernels import ROW
from goldleaf.curation.near_duplicates.placed_pairs import pairs_of_partition
from goldleaf.curation.near_duplicates.record_parts import read_texts
from goldleaf.curation.near_duplicates.text_outlines import outlines
from goldleaf.curation.near_duplicates.text_similarity import (
    ANSWER_JACCARD,
    PROMPT_JACCARD,
    TextPairs,
    duplicate_scores,
    may_be_alike,
    prompt_scores,
    similar_rows,
)
from goldleaf.curation.near_duplicates.text_table import TextTable

DOCUMENTS = {
    PARTITION: pl.Int32,
    "key": pl.Int64,
    "prompt": pl.String,
    "answer": pl.String,
}
COMPARED = {
    "kind": pl.Int32,
    "a": pl.Int64,
    "b": pl.Int64,
    "score": pl.Float64,
    "same": pl.Boolean,
}
"""Pairs that are alike. `kind`: `ROW` or `PROMPT`; `score`: 0 to 1; `same`: of prompts, whether
they ask the same."""
COMPARE_VERSION = "7"
_FEW = 5_000
"""Rows that are looked for in a file instead of reading it all."""
_PAIRS = 16_000
"""Pairs that are compared at once, at most."""
_CHARACTERS = 2**25
"""Characters of the texts of these pairs, at most: memory grows with them."""
Array = np.ndarray[Any, Any]


@dataclass(frozen=True)
class Documents:
    """Kernel: the texts that pairs need, where they are compared (`DOCUMENTS`).

    Attributes:
        needed: frame of `record`, its `key`, `p` and whether `answers` are needed, one row for each
            `key` and `p`.
    """

    needed: pl.DataFrame

    def __call__(self, paths: pl.DataFrame) -> pl.DataFrame:
        """Read files of rows; an answer that is not needed is empty."""
        # Of a few rows in a later round only these are read.
        few = self.needed["record"].unique() if self.needed.height < _FEW else None
        rows = read_texts(paths, few)
        answer = pl.when("answers").then("answer").otherwise(pl.lit("")).alias("answer")
        joined = rows.join(self.needed, on="record", how="inner")
        return joined.with_columns(answer).select(list(DOCUMENTS))


@dataclass(frozen=True)
class Compare:
    """Kernel: compare the pairs whose texts are here (`COMPARED`).

    Attributes:
        pairs: `goldleaf.curation.near_duplicates.candidate_pairs.ESTIMATED` and their partition.
    """

    pairs: pl.DataFrame

    def __call__(self, documents: pl.DataFrame) -> pl.DataFrame:
        """Compare; `documents` are of one partition."""
        pairs = pairs_of_partition(self.pairs, documents[PARTITION][0]).sort("kind", "a", "b")
        rows = documents.unique("key", keep="any").sort("key")
        sides = np.stack([pairs[side].to_numpy() for side in ("a", "b")])
        places = np.searchsorted(rows["key"].to_numpy(), sides)
        (prompts, asked), (answers, said) = (_numbered(rows[each]) for each in ("prompt", "answer"))
        is_row = pairs["kind"].to_numpy() == ROW
        # Most rows that ask the same answer otherwise: their answers are read no further.
        kept = ~is_row
        own = said[places[:, is_row]]
        outlined = outlines(answers)
        kept[is_row] = may_be_alike(outlined, own[0], own[1], ANSWER_JACCARD)
        pairs, places, is_row = pairs.filter(pl.Series(kept)), places[:, kept], is_row[kept]
        if not pairs.height:
            return pl.DataFrame(schema=COMPARED)
        asked_texts, asked = _renumbered(asked[places])
        said_texts, said = _renumbered(said[places[:, is_row]])
        said += len(asked_texts)
        texts = [prompts[text] for text in asked_texts] + [answers[text] for text in said_texts]
        table = TextTable(texts, outlined.folded.some(np.array(said_texts, np.int64)))
        del outlined
        scores, same = np.zeros(len(is_row)), np.zeros(len(is_row), np.bool_)
        scores[is_row] = row_scores(table, asked[:, is_row], said)
        scores[~is_row], same[~is_row] = _prompt_scores(table, asked[:, ~is_row])
        scored = pairs.with_columns(pl.Series("score", scores), pl.Series("same", same))
        return scored.filter(pl.col("score") > 0).select(list(COMPARED))


def row_scores(table: TextTable, prompts: Array, answers: Array) -> Array:
    """Return how alike the rows of pairs are, 0 if they are no duplicates.

    Args:
        table: the texts.
        prompts: int64 (2, pairs), the numbers of the prompts.
        answers: likewise.
    """
    found = [np.zeros(0, np.int64)]
    for some in _chunks(table, prompts, answers):
        found.append(some.start + similar_rows(table, prompts[:, some], answers[:, some]))
    similar = np.concatenate(found)
    asked = prompts[:, similar]
    table.read_words(asked[:, asked[0] != asked[1]].ravel())
    scores = np.zeros(prompts.shape[1])
    for some in _chunks(table, prompts[:, similar], answers[:, similar]):
        own = similar[some]
        scores[own] = duplicate_scores(table, prompts[:, own], answers[:, own])
    return scores


def _prompt_scores(table: TextTable, prompts: Array) -> tuple[Array, Array]:
    """Return how alike prompts of pairs are, or 0, and whether they ask the same."""
    similar: list[tuple[Array, TextPairs]] = []
    for some in _chunks(table, prompts):
        pairs = TextPairs(table, *prompts[:, some])
        places = np.flatnonzero(pairs.alike(PROMPT_JACCARD))
        similar.append((some.start + places, pairs.only(places)))
    if similar:
        places = np.concatenate([places for places, _ in similar])
        table.read_words(prompts[:, places].ravel())
    scores, same = np.zeros(prompts.shape[1]), np.zeros(prompts.shape[1], np.bool_)
    for places, pairs in similar:
        scores[places], same[places] = prompt_scores(pairs)
    return scores, same


def _numbered(texts: pl.Series) -> tuple[list[str], Array]:
    """Return the different texts, and the number of each one's among them.

    Those of ASCII come first: alone they are folded in half the time.
    """
    own = texts.to_list()
    distinct = sorted(dict.fromkeys(own), key=str.isascii, reverse=True)
    numbers = {text: number for number, text in enumerate(distinct)}
    return distinct, np.fromiter(map(numbers.__getitem__, own), np.int64, len(own))


def _renumbered(numbers: Array) -> tuple[list[int], Array]:
    """Return the different numbers, and the place of each one among them."""
    distinct, places = np.unique(numbers, return_inverse=True)
    return distinct.tolist(), places.reshape(numbers.shape)


def _chunks(table: TextTable, *sides: Array) -> Iterator[slice]:
    """Yield slices of pairs, some at a time.

    Args:
        table: the texts.
        sides: int64 (2, pairs), the numbers of texts of the pairs that are compared.
    """
    characters = np.cumsum(sum(table.lengths[side].sum(axis=0, dtype=np.int64) for side in sides))
    start = 0
    while start < len(characters):
        before = characters[start - 1] if start else 0
        fit = int(np.searchsorted(characters, before + _CHARACTERS, side="right"))
        end = max(start + 1, min(start + _PAIRS, fit))
        yield slice(start, end)
        start = end
