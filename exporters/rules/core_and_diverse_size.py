"""Sizes of the core (S8) and of the diverse rest (S9).

The core are 2,000 * log2(params / 1B) rows of high quality. For 7B and 8B the user's recipe has
5,000 to 10,000 expert rows and 20,000 to 50,000 diverse ones. The planner keeps both from growing
too large (`core.max`, `diverse.max`); the minimums are met by annotating more, because a repeated
example is no second one.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import polars as pl

from goldleaf.exporters.rules.selectors import is_core
from goldleaf.exporters.rules.target_result import TargetResult, at_least, at_most

if TYPE_CHECKING:
    from goldleaf.recipes.recipe import Recipe

ORDER = 310


def results(rows: pl.DataFrame, recipe: Recipe) -> Iterator[TargetResult]:
    """Yield results: distinct core examples for `core.size`, rows for the other bounds set."""
    train, bounds = rows.filter(use="sft", side="train"), recipe.diverse
    core, diverse = train.filter(is_core(recipe)), train.filter(~is_core(recipe))
    yield from at_least("core.size", "S8", recipe.core_rows(), core.height)
    most = recipe.core.max if recipe.core else None
    yield from at_most("core.max", "S9", most, int(core["copies"].sum()))
    yield from at_least("diverse.min", "S9", bounds.min, int(diverse["copies"].sum()))
    yield from at_most("diverse.max", "S9", bounds.max, int(diverse["copies"].sum()))
