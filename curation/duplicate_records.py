"""Exact duplicates: which rows have the same content as an earlier one; drops nothing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import polars as pl


def first_occurrence(frame: pl.DataFrame, same: Sequence[str], order: str) -> pl.Series:
    """Return for each row the least `order` among the rows that agree with it in `same`.

    A row whose own `order` comes back is the one to keep. `order` must be unique; the order of the
    rows themselves plays no part.

    >>> import polars as pl
    >>> rows = pl.DataFrame({"id": [2, 1, 3], "text": ["a", "a", "b"]})
    >>> first_occurrence(rows, ["text"], "id").to_list()
    [1, 1, 3]
    """
    import polars as pl

    return frame.select(pl.col(order).min().over(list(same)).alias("first"))["first"]
