"""S8: a core of high quality, 2,000 * log2(params / 1B) rows; S9: and many diverse rows beside it.

For 7B and 8B the user's recipe has 5,000 to 10,000 expert rows and 20,000 to 50,000 diverse ones.
The planner keeps both from growing too large (`core.max`, `diverse.max`); the floors are for people
to fill, because a repeated example is no second one.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from goldleaf.exporters.planning.findings import Shortfall
from goldleaf.exporters.planning.strata import is_core

if TYPE_CHECKING:
    import polars as pl

    from goldleaf.exporters.recipes.recipe import Recipe

STEP = 310


def missed(kept: pl.DataFrame, recipe: Recipe) -> Iterator[Shortfall]:
    """Hold core and diverse rows written for training against the recipe."""
    train = kept.filter(use="sft", side="train")
    core, diverse = train.filter(is_core(recipe)), train.filter(~is_core(recipe))
    wanted, distinct = recipe.core_rows(), core.height
    if wanted is not None and distinct < wanted:
        yield Shortfall("core.size", "S8", "rows", wanted, distinct, wanted - distinct)
    rows, most = int(core["copies"].sum()), recipe.core.max if recipe.core else None
    if most is not None and rows > most:
        yield Shortfall("core.max", "S9", "rows", most, rows)
    rows, least, most = int(diverse["copies"].sum()), recipe.diverse.min, recipe.diverse.max
    if least is not None and rows < least:
        yield Shortfall("diverse.min", "S9", "rows", least, rows, least - rows)
    if most is not None and rows > most:
        yield Shortfall("diverse.max", "S9", "rows", most, rows)
