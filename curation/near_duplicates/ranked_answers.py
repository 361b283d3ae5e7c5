"""The answers of comparisons in their order: levels, the best first, each of the answers that tie.

A row has the best answer and the others apart, these as one text; its column `levels` says which
level each answer is of, and `sizes` where one of the others ends and the next one begins.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import accumulate

import polars as pl

Levels = list[list[str]]
"""Answers of each level, the best level first; of one level in the order of their texts."""
COLUMNS = {
    "answer": pl.String,
    "others": pl.String,
    "levels": pl.List(pl.Int32),
    "sizes": pl.List(pl.Int32),
}
"""As in `goldleaf.curation.screens.screen.RECORDS`; the lists may lack."""


def ordered_columns(names: Iterable[str]) -> list[pl.Expr]:
    """Return expressions for `COLUMNS`, where a frame has columns of these names."""
    known = set(names)
    return [
        pl.col(name) if name in known else pl.lit(None, kind).alias(name)
        for name, kind in COLUMNS.items()
    ]


def answer_levels(rows: pl.DataFrame) -> list[Levels]:
    r"""Return the levels of each row (`COLUMNS`).

    Where a row does not say how its answers are ordered, they are the best one and the rest.

    >>> answer_levels(pl.DataFrame([("b", "c\na", [0, 1, 0], [1, 1])], COLUMNS, orient="row"))
    [[['a', 'b'], ['c']]]
    """
    texts = rows.select(pl.col("answer", "others").fill_null(""), "levels", "sizes")
    return [_levels(*row) for row in texts.iter_rows()]


def _levels(
    answer: str, others: str, levels: Sequence[int] | None, sizes: Sequence[int] | None
) -> Levels:
    if not levels or sizes is None:
        return [[answer], [others]]
    starts = accumulate((size + 1 for size in sizes), initial=0)
    texts = [others[start : start + size] for start, size in zip(starts, sizes, strict=False)]
    # Where no answer is acceptable, all of them are others.
    texts = [answer, *texts] if len(levels) > len(texts) else texts
    found: dict[int, list[str]] = {}
    for level, text in zip(levels, texts, strict=True):
        found.setdefault(level, []).append(text)
    return [sorted(found[level]) for level in sorted(found)]


def joined_answers(rows: pl.DataFrame) -> pl.Series:
    """Return all answers of each row (`COLUMNS`) as one text, the best first."""
    joined = [
        "\n".join(text for level in levels for text in level).lstrip("\n")
        for levels in answer_levels(rows)
    ]
    return pl.Series("answer", joined, pl.String)
