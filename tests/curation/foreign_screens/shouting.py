"""A screen on single records, of another package: answers in capitals."""

from __future__ import annotations

import polars as pl

NAME = "shouting"
VERSION = "1"


def screen(records: pl.DataFrame, texts: pl.DataFrame) -> pl.DataFrame:
    """Return a finding for every answer without a small letter."""
    answer = pl.col("answer")
    loud = records.filter((answer != "") & (answer == answer.str.to_uppercase()))
    return loud.select("row", verdict=pl.lit("capitals"), reason=pl.lit("no small letter"))
