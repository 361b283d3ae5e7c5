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
from goldleaf.curation.near_duplicates.text_similarity import duplicate_scores, prompt_scores
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
COMPARE_VERSION = "3"
_PAIRS = 16_000
"""Pairs that are compared at once."""
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
        rows = read_texts(paths, self.needed["record"])
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
        pairs = pairs_of_partition(self.pairs, documents[PARTITION][0])
        rows = documents.unique("key", keep="any").sort("key")
        keys = rows["key"].to_numpy()
        texts: dict[str, int] = {}
        prompts, answers = (
            np.fromiter(
                (texts.setdefault(text, len(texts)) for text in rows[name].to_list()),
                np.int64,
                len(rows),
            )
            for name in ("prompt", "answer")
        )
        table = TextTable(list(texts), int(prompts.max(initial=-1)) + 1)
        found = [pl.DataFrame(schema=COMPARED)]
        for kind, chunk in _chunks(pairs):
            one, other = (np.searchsorted(keys, chunk[side].to_numpy()) for side in ("a", "b"))
            asked = prompts[one], prompts[other]
            if kind == ROW:
                scores = duplicate_scores(table, asked, (answers[one], answers[other]))
                same = np.zeros(len(chunk), np.bool_)
            else:
                scores, same = prompt_scores(table, *asked)
            scored = chunk.with_columns(pl.Series("score", scores), pl.Series("same", same))
            found.append(scored.filter(pl.col("score") > 0).select(list(COMPARED)))
        return pl.concat(found)


def _chunks(pairs: pl.DataFrame) -> Iterator[tuple[int, pl.DataFrame]]:
    """Yield some pairs of one kind at a time."""
    for (kind,), frame in pairs.partition_by("kind", as_dict=True, maintain_order=True).items():
        for chunk in frame.iter_slices(_PAIRS):
            yield kind, chunk
