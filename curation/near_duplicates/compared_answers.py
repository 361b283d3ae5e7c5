"""Which comparisons are alike in each of their answers, not only in the longest one.

Models are compared with one and the same opponent, so that most pairs of a set share an answer.
Read as one text, such pairs are nearly equal, whatever the other answers say; and a pair and its
opposite, which contradict each other, are too.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import polars as pl

from goldleaf.curation.near_duplicates.band_kernels import ROW
from goldleaf.curation.near_duplicates.near_duplicates import Compared
from goldleaf.curation.near_duplicates.pair_kernels import row_scores
from goldleaf.curation.near_duplicates.text_table import TextTable

_PAIRS = 4_000
"""Pairs whose texts are in memory at once."""


def alike_in_each_answer(found: Compared, parts: Sequence[Path]) -> pl.DataFrame:
    """Return the pairs (`COMPARED`) without those whose better answers, or whose others, differ.

    Args:
        found: what comparing the whole texts gave.
        parts: Parquet files with `record`, `prompt`, `answer` (the better one) and `others`.
    """
    is_row = pl.col("kind") == ROW
    names = found.rows.select("key", "record")
    pairs = found.alike.filter(is_row)
    for side in ("a", "b"):
        pairs = pairs.join(names.rename({"key": side, "record": f"record_{side}"}), on=side)
    pairs = pairs.sort("a", "b")
    kept = [found.alike.filter(~is_row)]
    for some in pairs.iter_slices(_PAIRS):
        kept.append(some.filter(pl.Series(_alike(some, parts))).select(found.alike.columns))
    return pl.concat(kept).sort("kind", "a", "b")


def _alike(pairs: pl.DataFrame, parts: Sequence[Path]) -> list[bool]:
    """Return of which pairs (`record_a`, `record_b`) all answers are alike."""
    wanted = pl.concat([pairs["record_a"], pairs["record_b"]]).unique()
    read = pl.scan_parquet(list(parts), glob=False).select("record", "prompt", "answer", "others")
    own = read.filter(pl.col("record").is_in(wanted.implode())).collect()
    texts: dict[str, int] = {}
    numbers = {
        record: [texts.setdefault(text or "", len(texts)) for text in each]
        for record, *each in own.iter_rows()
    }
    sides = [[numbers[record] for record in pairs[f"record_{side}"]] for side in ("a", "b")]
    prompts, better, others = np.array(sides, np.int64).transpose(2, 0, 1)
    table = TextTable(list(texts))
    scores = [row_scores(table, prompts, said) for said in (better, others)]
    return ((scores[0] > 0) & (scores[1] > 0)).tolist()
