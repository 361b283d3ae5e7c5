"""S8: a core of high quality, 2,000 * log2(params / 1B) rows; S9: and many diverse rows beside it.

For 7B and 8B the user's recipe has 5,000 to 10,000 expert rows and 20,000 to 50,000 diverse ones.
The planner keeps both from growing too large (`core.max`, `diverse.max`); the floors are for people
to fill, because a repeated example is no second one.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from goldleaf.exporters.rules.selectors import is_core
from goldleaf.exporters.rules.target_result import TargetResult, at_least, at_most

if TYPE_CHECKING:
    import polars as pl

    from goldleaf.exporters.recipes.recipe import Recipe

STEP = 310


def results(rows: pl.DataFrame, recipe: Recipe) -> Iterator[TargetResult]:
    """Hold core rows, distinct ones for their minimum, and diverse rows against the recipe."""
    train, bounds = rows.filter(use="sft", side="train"), recipe.diverse
    core, diverse = train.filter(is_core(recipe)), train.filter(~is_core(recipe))
    yield from at_least("core.size", "S8", recipe.core_rows(), core.height)
    most = recipe.core.max if recipe.core else None
    yield from at_most("core.max", "S9", most, int(core["copies"].sum()))
    yield from at_least("diverse.min", "S9", bounds.min, int(diverse["copies"].sum()))
    yield from at_most("diverse.max", "S9", bounds.max, int(diverse["copies"].sum()))
