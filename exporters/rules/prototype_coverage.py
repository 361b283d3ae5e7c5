"""Prototype coverage (S16): each prototype in the pool stays represented.

Where some examples of a stratum must go, the first of every prototype stays before the second of
any; examples without a prototype are spread over these turns in proportion. Where hard examples go
first (S17) only the first turn is before them, each prototype's hardest, because an order of turns
all the way down would leave no room for hardness. In a stratum where no example has a signal that
the recipe names, the turns stay.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from goldleaf.exporters.rules import hard_examples

if TYPE_CHECKING:
    from goldleaf.recipes.recipe import Recipe

ORDER = 210


def ranked(examples: pl.DataFrame, recipe: Recipe) -> pl.Series | None:
    """Return the turn of each example among those of its stratum and prototype, 0 first.

    None where no example has a prototype.
    """
    named = pl.col("prototype") != ""
    if not examples.select(named.any()).item():
        return None
    turn = pl.int_range(pl.len()).over("stratum", "prototype")
    turns, rest = turn.filter(named).max().over("stratum") + 1, (~named).sum().over("stratum")
    rank = pl.when(named).then(turn).otherwise(turn * turns.fill_null(1) // rest)
    hard = hard_examples.ranked(examples, recipe)
    if hard is not None:
        first = pl.when(named & (turn == 0)).then(0).otherwise(1)
        ordered = pl.col("hard").is_not_null().any().over("stratum")
        examples, rank = examples.with_columns(hard), pl.when(ordered).then(first).otherwise(rank)
    return examples.select(rank.alias("turn")).to_series()
