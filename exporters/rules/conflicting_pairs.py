"""An answer judged both ways, by pair, thumb or example: nobody knows, so all of them go."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import polars as pl

    from goldleaf.exporters.recipes.recipe import Recipe

REASON = "disagreement"
STEP = 30


def dropped(examples: pl.DataFrame, recipe: Recipe) -> pl.Series:
    """Return pairs whose reverse is there too, and verdicts that another one contradicts.

    An example to learn from (SFT) says of its answer what a thumb up does.
    """
    import polars as pl

    pairs = examples.filter(use="dpo")
    reverse = pairs.select("prompt", answer="other", other="answer").unique()
    both_ways = pairs.join(reverse, on=["prompt", "answer", "other"], how="semi")
    good = pl.when(pl.col("use") == "sft").then(True).otherwise(pl.col("good")).alias("good")
    verdicts = examples.filter(pl.col("use").is_in(["sft", "kto"])).with_columns(good)
    said = pl.col("good").n_unique().over("prompt", "answer")
    return pl.concat([both_ways["number"], verdicts.filter(said > 1)["number"]])
