"""Pairs whose two answers are identical are dropped: they teach nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from goldleaf.recipes.recipe import Recipe

REASON = "identical_pair"
ORDER = 10


def dropped(examples: pl.DataFrame, recipe: Recipe) -> pl.Series:
    """Return the numbers of pairs whose answers are equal but for outer white space."""
    equal = (pl.col("use") == "dpo") & (pl.col("answer") == pl.col("other"))
    return examples.select(pl.col("number").filter(equal))["number"]
