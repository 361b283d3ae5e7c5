"""S10: a thousand good rows beat a hundred thousand poor ones; S17: hard examples, but good ones.

Only examples to imitate (SFT) have a floor: of a pair or a verdict a bad answer is a part, and what
their quality says is not that of the answer learned.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import polars as pl

    from goldleaf.exporters.recipes.recipe import Recipe

REASON = "below_quality"
STEP = 40


def dropped(examples: pl.DataFrame, recipe: Recipe) -> pl.Series:
    """Return the examples whose quality is known and below `quality.min`."""
    import polars as pl

    least = recipe.quality.min or 0
    return examples.filter(pl.col("quality") < least, use="sft")["number"]
