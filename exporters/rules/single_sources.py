"""S14: no balance is forced on what is natural, but one source may not drown the others.

What single sources give without targeted behaviours is capped by the planner (`sources.max`); told
where one source is all there is.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from goldleaf.exporters.rules.selectors import shows
from goldleaf.exporters.rules.target_result import TargetResult

if TYPE_CHECKING:
    import polars as pl

    from goldleaf.exporters.recipes.recipe import Recipe

STEP = 340


def results(rows: pl.DataFrame, recipe: Recipe) -> Iterator[TargetResult]:
    """Hold the largest source's rows without targeted behaviours against `sources.max`."""
    import polars as pl

    from goldleaf.exporters.rules.registry import targets

    most = recipe.sources.max
    if most == 1:
        return
    train = rows.filter(use="sft", side="train")
    rest = train.filter(~pl.any_horizontal(pl.lit(False), *(shows(t) for t in targets(recipe))))
    largest = rest.group_by("source").agg(pl.col("copies").sum())["copies"].max() or 0
    yield TargetResult(
        key="sources.max",
        rule="S14",
        least=False,
        wanted=most,
        rows=int(largest),  # pyright: ignore[reportArgumentType]
        of=int(train["copies"].sum()),
    )
