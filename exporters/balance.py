"""Which examples are written how often: the plan carried out over columns.

Only SFT examples of the training side are balanced. Nothing here looks at natural behaviours (S14):
which of a stock's examples go first, when some must, is said by core (S8) and draw alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import TYPE_CHECKING

from goldleaf.exporters.behaviours import mask
from goldleaf.exporters.plan import Stock, plan
from goldleaf.exporters.recipe import SOURCE_IDS, Recipe
from goldleaf.exporters.rules.rule import Target

if TYPE_CHECKING:
    import polars as pl

OVER_TOTAL, OVER_SHARE, OVER_SOURCE = "over_total", "over_share", "over_source"
"""Reasons: dropped by `total.max`, by a share's `max`, by `sources.max`."""

_REST = "rest"


def balanced(examples: pl.DataFrame, recipe: Recipe, targets: Sequence[Target]) -> pl.DataFrame:
    """Return number, copies (0 for a dropped one) and reason of every example to balance.

    Args:
        examples: columns number, behaviours, source, luck.
        recipe: its `core`, `total`, `sources` and `repeat`.
        targets: what the rules ask for, the first that fits an example owning it.
    """
    import polars as pl

    dealt = _dealt(examples, recipe, targets)
    _, most = recipe.rows_wanted()
    portions = plan(_stocks(dealt, recipe, targets), most, recipe.repeat.max)
    rows = {name: portion.rows for name, portion in portions.items()}
    kept = {name: portion.kept for name, portion in portions.items()}
    count, place = pl.len().over("stock"), pl.int_range(pl.len()).over("stock")
    wanted = pl.col("stock").replace_strict(rows, default=0, return_dtype=pl.Int64)
    spared = pl.col("stock").replace_strict(kept, default=0, return_dtype=pl.Int64)
    reason = (
        pl.when(pl.col("copies") > 0)
        .then(pl.lit(""))
        .when(place >= spared)
        .then(pl.lit(OVER_TOTAL))
        .when(pl.col("stock").str.starts_with(_REST))
        .then(pl.lit(OVER_SOURCE))
        .otherwise(pl.lit(OVER_SHARE))
    )
    return (
        dealt.sort(["core", "luck", "number"], descending=[True, False, False])
        .with_columns(copies=wanted // count + (place < wanted % count).cast(pl.Int64))
        .select("number", "copies", reason=reason)
    )


def is_core(recipe: Recipe) -> pl.Expr:
    """Return whether an example is of the core, by its source."""
    import polars as pl

    names = recipe.core.sources if recipe.core else []
    return pl.col("source").is_in([SOURCE_IDS[name] for name in names])


def shows(target: Target) -> pl.Expr:
    """Return whether an example has one of a target's behaviours."""
    import polars as pl

    return (pl.col("behaviours") & mask(target.behaviours)) > 0


def _dealt(examples: pl.DataFrame, recipe: Recipe, targets: Sequence[Target]) -> pl.DataFrame:
    """Return the examples with their stock, whether they are core, and one column a target."""
    import polars as pl

    capped = recipe.sources.max < 1
    stock = pl.format(_REST + " {}", "source") if capped else pl.lit(_REST)
    for target in reversed(targets):
        stock = pl.when(shows(target)).then(pl.lit(target.name)).otherwise(stock)
    also = [shows(target).alias(f"is {target.name}") for target in targets]
    return examples.with_columns(stock.alias("stock"), is_core(recipe).alias("core"), *also)


def _stocks(dealt: pl.DataFrame, recipe: Recipe, targets: Sequence[Target]) -> list[Stock]:
    import polars as pl

    names = [f"is {target.name}" for target in targets]
    counted = dealt.group_by("stock").agg(pl.len(), pl.col("core", *names).sum())
    found = {row["stock"]: row for row in counted.iter_rows(named=True)}
    stocks: list[Stock] = []
    for target in targets:
        row = found.pop(target.name, None)
        others = {t.name: row[f"is {t.name}"] for t in targets if t is not target} if row else {}
        stocks.append(
            Stock(
                target.name,
                row["len"] if row else 0,
                row["core"] if row else 0,
                _exact(target.min),
                _exact(target.max),
                target.beside,
                _exact(target.ratio),
                {name: count for name, count in others.items() if count},
            )
        )
    most = _exact(recipe.sources.max)
    stocks += [
        Stock(name, found[name]["len"], found[name]["core"], high=most) for name in sorted(found)
    ]
    return stocks


def _exact(share: float) -> Fraction:
    """Return a share as a recipe writes it: 0.1 is a tenth, not the float beside it."""
    return Fraction(str(share))
