"""S6: alignment data are thousands to about 100,000 rows; told for pairs, which are never cut."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from goldleaf.exporters.planning.findings import Shortfall

if TYPE_CHECKING:
    import polars as pl

    from goldleaf.exporters.recipes.recipe import Recipe

STEP = 330


def missed(kept: pl.DataFrame, recipe: Recipe) -> Iterator[Shortfall]:
    """Hold the pairs written for training against `pairs.min` and `pairs.advise`."""
    pairs = kept.filter(use="dpo", side="train").height
    least, advised = recipe.pairs.min, recipe.pairs.advise
    if least is not None and pairs < least:
        yield Shortfall("pairs.min", "S6", "rows", least, pairs, least - pairs)
    if advised is not None and pairs > advised:
        yield Shortfall("pairs.advise", "S6", "rows", advised, pairs)
