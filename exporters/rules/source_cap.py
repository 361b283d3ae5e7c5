"""The cap on single sources (S14): natural behaviours are not balanced, but no source dominates.

The planner caps the rows of each source without targeted behaviours (`sources.max`); the excess is
reported where the pool has only one source.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import polars as pl

from goldleaf.exporters.rules.selectors import shows
from goldleaf.exporters.rules.target_result import TargetResult

if TYPE_CHECKING:
    from goldleaf.recipes.recipe import Recipe

ORDER = 340


def results(rows: pl.DataFrame, recipe: Recipe) -> Iterator[TargetResult]:
    """Yield the result of the source with most rows without targets; none for a cap of 1."""
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
