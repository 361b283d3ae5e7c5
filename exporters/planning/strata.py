"""Strata: examples that every constraint of a recipe treats alike, planned together.

Two examples are in one stratum if they show the same targeted behaviours and are both core or both
not; where `sources.max` caps single sources (S14), those without a targeted behaviour are also
separated by source. Nothing else is looked at, so natural behaviours cannot matter.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import polars as pl

from goldleaf.exporters.rules.rule import Target
from goldleaf.exporters.rules.selectors import is_core, shows
from goldleaf.recipes.recipe import Recipe

if TYPE_CHECKING:
    Bools = npt.NDArray[np.bool_]
    Ints = npt.NDArray[np.int64]
    Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False, slots=True)
class Strata:
    """S strata, in an order that depends on their keys and not on the order of examples.

    `size` (S): distinct examples; `core` (S): whether they are core; `shows` (targets, S): whether
    they show a target; `sources` (S): the source, for the cap on it, else "".
    """

    size: Ints
    core: Bools
    shows: Bools
    sources: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.size)

    @property
    def untargeted(self) -> Bools:
        """Return (S) which strata show no behaviour of a target."""
        return np.logical_not(np.any(self.shows, axis=0))


def strata_of(size: Sequence[int], shows: Sequence[Sequence[bool]], **more: Any) -> Strata:
    """Return strata from plain lists: sizes, and for every target which strata show it.

    Args:
        size: distinct examples of each.
        shows: one list of truth values a target.
        more: `core` and `sources`, where not all are false and empty.
    """
    core = more.get("core", [False] * len(size))
    sources = tuple(more.get("sources", [""] * len(size)))
    shown = np.array(shows, dtype=bool).reshape(len(shows), len(size))
    return Strata(np.array(size, dtype=np.int64), np.array(core, dtype=bool), shown, sources)


def stratified(
    examples: pl.DataFrame, recipe: Recipe, targets: Sequence[Target]
) -> tuple[pl.DataFrame, Strata]:
    """Return the examples with a column `stratum`, and the strata.

    Args:
        examples: columns behaviours, source.
        recipe: its `core.sources` and `sources.max`.
        targets: shares and contrasts that the rules want.
    """
    bits = [shows(target).cast(pl.UInt64) * (1 << at) for at, target in enumerate(targets)]
    apart = recipe.sources.max < 1
    keys = ("shown", "core", "apart")
    keyed = examples.select(
        "source", shown=pl.sum_horizontal(pl.lit(0, pl.UInt64), *bits), core=is_core(recipe)
    ).with_columns(apart=pl.when((pl.col("shown") == 0) & apart).then("source").otherwise(None))
    found = keyed.group_by(keys).len().sort(keys).with_row_index("stratum")
    shown = [
        [bool(value >> at & 1) for value in found["shown"].to_list()] for at in range(len(targets))
    ]
    sources = found["apart"].cast(pl.String).fill_null("").to_list()
    strata = strata_of(found["len"].to_list(), shown, core=found["core"].to_list(), sources=sources)
    found = found.drop("len")
    joined = keyed.join(found, on=keys, how="left", nulls_equal=True, maintain_order="left")
    return examples.with_columns(joined.select("core", "stratum")), strata
