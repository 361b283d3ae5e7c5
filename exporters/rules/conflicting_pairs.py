"""Two answers to one prompt, preferred both ways: nobody knows, so all their pairs go."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import polars as pl

    from goldleaf.exporters.recipe import Recipe

REASON = "disagreement"
STEP = 30


def dropped(pairs: pl.DataFrame, recipe: Recipe) -> pl.Series:
    """Return the pairs whose reverse is there too."""
    reverse = pairs.select("prompt", chosen="rejected", rejected="chosen").unique()
    return pairs.join(reverse, on=["prompt", "chosen", "rejected"], how="semi")["number"]
