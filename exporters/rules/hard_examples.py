"""Hard examples go first (S17): they are the most valuable of the long tail.

Hardness is read from stored signals, never from length: an example's place among all by each
signal that the recipe names, averaged over those it has; without any it comes last. Strict judges
"disproportionately removed challenging prompts" (Llama 3), so the guard is a floor on quality:
where the recipe sets one, an example without a known quality has no preference either.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from goldleaf.recipes.recipe import Recipe

ORDER = 200


def ranked(examples: pl.DataFrame, recipe: Recipe) -> pl.Series | None:
    """Return for each example the part of all that are harder, 0 to 1; the hardest has the least.

    Null for one without any of the recipe's signals, and with a floor on quality for one without a
    quality; None where the recipe names no signal.
    """
    if not recipe.hard.signals:
        return None
    places = [
        _harder(pl.col(f"signal {name}"), descending=direction == "high")
        for name, direction in sorted(recipe.hard.signals.items())
    ]
    place = pl.mean_horizontal(places)
    if recipe.quality.min is not None:
        place = pl.when(pl.col("quality").is_not_null()).then(place)
    return examples.select(place.alias("hard")).to_series()


def _harder(signal: pl.Expr, *, descending: bool) -> pl.Expr:
    """Return each value's place among those there are; equal values share theirs."""
    known = signal.fill_nan(None)
    rank = known.rank("average", descending=descending) - 0.5
    return rank / pl.max_horizontal(known.count(), 1)
