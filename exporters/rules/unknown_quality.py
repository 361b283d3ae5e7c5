"""S10: with `quality.unknown: drop`, an example is good only if somebody said so."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import polars as pl

    from goldleaf.exporters.recipes.recipe import Recipe

REASON = "unknown_quality"
STEP = 41


def dropped(examples: pl.DataFrame, recipe: Recipe) -> pl.Series:
    """Return the examples to imitate (SFT) that nobody gave a quality, if these are to go."""
    import polars as pl

    drop = recipe.quality.min is not None and recipe.quality.unknown == "drop"
    return examples.filter(pl.col("quality").is_null() & drop, use="sft")["number"]
