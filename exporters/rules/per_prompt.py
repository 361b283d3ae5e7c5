"""One prompt gives at most `pairs.per_prompt` pairs: the stronger ones, then by draw."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import polars as pl

    from goldleaf.exporters.recipe import Recipe

REASON = "per_prompt"
STEP = 90


def dropped(examples: pl.DataFrame, recipe: Recipe) -> pl.Series:
    """Return the pairs beyond the limit of their prompt."""
    import polars as pl

    pairs = examples.filter(use="dpo")
    crowded = pairs.filter(pl.len().over("group") > recipe.pairs.per_prompt)
    ranked = crowded.sort(
        ["group", "strength", "luck", "number"], descending=[False, True, False, False]
    )
    place = pl.int_range(pl.len()).over("group")
    return ranked.filter(place >= recipe.pairs.per_prompt)["number"]
