"""The cap on prototypes (S16): none has more than `prototypes.max` of all SFT examples.

The largest prototypes are cut to one level, the highest at which none is above its part of what is
left; examples without a prototype are not cut, but count. Core examples are cut last (S8), then the
hardest (S17). Where no level can hold, because there are too few other prototypes, all are kept
and the excess is reported.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING

import polars as pl

from goldleaf.exporters.rules import hard_examples
from goldleaf.exporters.rules.selectors import is_core
from goldleaf.exporters.rules.target_result import TargetResult

if TYPE_CHECKING:
    from goldleaf.recipes.recipe import Recipe

REASON = "over_prototype"
ORDER = 60


def dropped(examples: pl.DataFrame, recipe: Recipe) -> pl.Series:
    """Return the numbers of SFT training examples that exceed `prototypes.max` of a prototype.

    Empty where all are within it, and where no level can hold.
    """
    train = examples.filter(use="sft", side="train")
    named = train.filter(pl.col("prototype") != "")
    sizes = named["prototype"].value_counts()["count"].to_list()
    top = level(sizes, train.height - named.height, Fraction(str(recipe.prototypes.max)))
    if top is None:
        return examples.clear()["number"]
    hard = hard_examples.ranked(named, recipe)
    ranked = named.with_columns(
        core=is_core(recipe), hard=pl.lit(None, pl.Float64) if hard is None else hard
    ).sort(
        *("prototype", "core", "hard", "sample_key", "number"),
        descending=[False, True, False, False, False],
        nulls_last=True,
    )
    return ranked.filter(pl.int_range(pl.len()).over("prototype") >= top)["number"]


def level(sizes: Sequence[int], others: int, most: Fraction) -> int | None:
    """Return the most examples of one prototype so that none is above its part; None for any.

    Args:
        sizes: examples of each prototype.
        others: examples without one.
        most: the part of all that one prototype may give.

    >>> level([100, 10, 10], 0, Fraction("0.5")), level([100], 0, Fraction("0.5"))
    (20, None)
    """
    top = max(sizes, default=0)

    def holds(at: int) -> bool:
        return min(at, top) <= most * (others + sum(min(at, size) for size in sizes))

    if holds(top):
        return None
    least, failing = 0, top
    while failing - least > 1:  # what is left grows ever slower with the level, so it holds below
        middle = (least + failing) // 2
        least, failing = (middle, failing) if holds(middle) else (least, middle)
    return least or None


def results(rows: pl.DataFrame, recipe: Recipe) -> Iterator[TargetResult]:
    """Yield one result: the largest prototype's part of the distinct SFT examples to train on."""
    train = rows.filter(use="sft", side="train")
    named = train.filter(pl.col("prototype") != "")["prototype"].value_counts()["count"]
    yield TargetResult(
        key="prototypes.max",
        rule="S16",
        least=False,
        wanted=recipe.prototypes.max,
        rows=int(named.max() or 0),  # pyright: ignore[reportArgumentType]
        of=train.height,
    )
