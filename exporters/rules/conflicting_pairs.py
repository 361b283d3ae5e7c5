"""Two answers preferred both ways, or one judged both ways: nobody knows, so all of them go."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import polars as pl

    from goldleaf.exporters.recipe import Recipe

REASON = "disagreement"
STEP = 30


def dropped(examples: pl.DataFrame, recipe: Recipe) -> pl.Series:
    """Return the pairs whose reverse is there too, and the verdicts that another contradicts."""
    import polars as pl

    pairs = examples.filter(use="dpo")
    reverse = pairs.select("prompt", answer="other", other="answer").unique()
    both_ways = pairs.join(reverse, on=["prompt", "answer", "other"], how="semi")
    verdicts = examples.filter(use="kto")
    said = pl.col("good").n_unique().over("prompt", "answer")
    return pl.concat([both_ways["number"], verdicts.filter(said > 1)["number"]])
