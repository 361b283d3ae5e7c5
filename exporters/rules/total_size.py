"""S7: as many SFT rows as the size of the model asks for; S9: beyond `advise`, only good ones help.

The planner keeps `total.max`; more than that is written only where replays (S18) add to it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from goldleaf.exporters.planning.findings import Shortfall

if TYPE_CHECKING:
    import polars as pl

    from goldleaf.exporters.recipes.recipe import Recipe

STEP = 300


def missed(kept: pl.DataFrame, recipe: Recipe) -> Iterator[Shortfall]:
    """Hold the rows written for training against `total`."""
    rows = int(kept.filter(use="sft", side="train")["copies"].sum())
    least, most = recipe.rows_wanted()
    if least is not None and rows < least:
        yield Shortfall("total.min", "S7", "rows", least, rows, least - rows)
    if most is not None and rows > most:
        yield Shortfall("total.max", "S7", "rows", most, rows)
    if recipe.total.advise is not None and rows > recipe.total.advise:
        yield Shortfall("total.advise", "S9", "rows", recipe.total.advise, rows)
