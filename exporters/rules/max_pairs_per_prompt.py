"""At most `pairs.per_prompt` pairs of one prompt: the stronger ones, then by draw.

Where the recipe wants a share of safety pairs (S18), these are the last to go.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from goldleaf.curation.repeated_values import is_repeated
from goldleaf.exporters.rules.min_safety_pairs import is_safety

if TYPE_CHECKING:
    from goldleaf.recipes.recipe import Recipe

REASON = "per_prompt"
ORDER = 90


def dropped(examples: pl.DataFrame, recipe: Recipe) -> pl.Series:
    """Return the numbers of pairs beyond `pairs.per_prompt` of a prompt; the strongest stay."""
    again = is_repeated(examples["group"])
    pairs = examples.filter((pl.col("use") == "dpo") & again)
    crowded = pairs.filter(pl.len().over("group") > recipe.pairs.per_prompt)
    spared = is_safety() if recipe.pairs.safety > 0 else pl.lit(False)
    ranked = crowded.with_columns(spared=spared).sort(
        ["group", "spared", "strength", "sample_key", "number"],
        descending=[False, True, True, False, False],
    )
    place = pl.int_range(pl.len()).over("group")
    return ranked.filter(place >= recipe.pairs.per_prompt)["number"]
