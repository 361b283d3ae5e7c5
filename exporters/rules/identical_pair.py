"""A pair whose two answers read the same teaches nothing: dropped."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import polars as pl

    from goldleaf.exporters.recipes.recipe import Recipe

REASON = "identical_pair"
STEP = 10


def dropped(examples: pl.DataFrame, recipe: Recipe) -> pl.Series:
    """Return the pairs whose answers are equal but for outer white space."""
    pairs = examples.filter(use="dpo")
    return pairs.filter(pairs["answer"] == pairs["other"])["number"]
