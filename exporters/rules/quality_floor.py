"""The quality floor: examples below `quality.min` are dropped (S10, S17).

A thousand good rows beat a hundred thousand poor ones. Only SFT examples have a floor: a bad answer
is a part of a pair or a verdict, and their quality is not that of the answer learned.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from goldleaf.recipes.recipe import Recipe

REASON = "below_quality"
ORDER = 40


def dropped(examples: pl.DataFrame, recipe: Recipe) -> pl.Series:
    """Return the numbers of SFT examples below `quality.min`; those of unknown quality stay."""
    least = recipe.quality.min or 0
    return examples.filter(pl.col("quality") < least, use="sft")["number"]
