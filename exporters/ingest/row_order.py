"""The rows of a large table put in order without a second table."""

from __future__ import annotations

import polars as pl


def reordered(frame: pl.DataFrame, places: pl.Series) -> pl.DataFrame:
    """Return the rows at some places; `frame` is emptied, each column freed when it is done."""
    return pl.DataFrame([frame.drop_in_place(name).gather(places) for name in frame.columns])
