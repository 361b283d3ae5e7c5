"""S14: no balance is forced on what is natural, but one source may not drown the others.

What single sources give without targeted behaviours is capped by the planner (`sources.max`); told
where one source is all there is.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from math import floor
from typing import TYPE_CHECKING

from goldleaf.exporters.planning.findings import Shortfall
from goldleaf.exporters.planning.strata import shows

if TYPE_CHECKING:
    import polars as pl

    from goldleaf.exporters.recipes.recipe import Recipe

STEP = 340


def missed(kept: pl.DataFrame, recipe: Recipe) -> Iterator[Shortfall]:
    """Hold the largest source's rows without targeted behaviours against `sources.max`."""
    import polars as pl

    from goldleaf.exporters.rules.catalogue import targets

    most = recipe.sources.max
    if most == 1:
        return
    train = kept.filter(use="sft", side="train")
    rows = int(train["copies"].sum())
    rest = train.filter(~pl.any_horizontal(pl.lit(False), *(shows(t) for t in targets(recipe))))
    largest = rest.group_by("source").agg(pl.col("copies").sum())["copies"].max() or 0
    got = int(largest)  # pyright: ignore[reportArgumentType]
    if got > floor(Fraction(str(most)) * rows):
        yield Shortfall("sources.max", "S14", "share", most, round(got / rows, 6))
