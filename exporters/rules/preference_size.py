"""Size of the preference file (S6: thousands to about 100,000 rows): reported, never cut."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import polars as pl

from goldleaf.exporters.rules.target_result import TargetResult, at_least, at_most

if TYPE_CHECKING:
    from goldleaf.recipes.recipe import Recipe

ORDER = 330


def results(rows: pl.DataFrame, recipe: Recipe) -> Iterator[TargetResult]:
    """Yield results of `pairs.min` and `pairs.advise`, where set, for the pairs to train on."""
    pairs = rows.filter(use="dpo", side="train").height
    yield from at_least("pairs.min", "S6", recipe.pairs.min, pairs)
    yield from at_most("pairs.advise", "S6", recipe.pairs.advise, pairs)
