"""Examples of unknown quality are dropped with `quality.unknown: drop` (S10)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from goldleaf.recipes.recipe import Recipe

REASON = "unknown_quality"
ORDER = 41


def dropped(examples: pl.DataFrame, recipe: Recipe) -> pl.Series:
    """Return the numbers of SFT examples without a quality; none unless `quality.min` is set."""
    drop = recipe.quality.min is not None and recipe.quality.unknown == "drop"
    return examples.filter(pl.col("quality").is_null() & drop, use="sft")["number"]
