"""Size of the SFT set (S7: by the size of the model; S9: beyond `advise` only good rows help).

The planner keeps `total.max`; more than that is written only where replays (S18) add to it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import polars as pl

from goldleaf.exporters.rules.target_result import TargetResult, at_least, at_most

if TYPE_CHECKING:
    from goldleaf.recipes.recipe import Recipe

ORDER = 300


def results(rows: pl.DataFrame, recipe: Recipe) -> Iterator[TargetResult]:
    """Yield results of `total.min`, `max` and `advise`, where set, for SFT rows to train on."""
    count = int(rows.filter(use="sft", side="train")["copies"].sum())
    least, most = recipe.rows_wanted()
    yield from at_least("total.min", "S7", least, count)
    yield from at_most("total.max", "S7", most, count)
    yield from at_most("total.advise", "S9", recipe.total.advise, count)
