"""The plan applied to examples: how often each is written, and the reason of each dropped one.

Only SFT examples of the training side are balanced. Nothing here looks at natural behaviours (S14):
which of a stratum's examples go first, when some must be left out or repeated, is decided by the
sorters of `rules/` (S16, S17) and, where these rank alike, by draw.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from goldleaf.exporters.planning.conflicts import conflicts
from goldleaf.exporters.planning.constraints import Constraints, constraints
from goldleaf.exporters.planning.plan import Plan, plan
from goldleaf.exporters.planning.results import Conflict
from goldleaf.exporters.planning.strata import Strata, stratified
from goldleaf.exporters.planning.system import system_of
from goldleaf.exporters.rules.registry import sorters
from goldleaf.exporters.rules.rule import Target
from goldleaf.recipes.recipe import Recipe

if TYPE_CHECKING:
    from goldleaf.exporters.planning.strata import Floats, Ints

OVER_TOTAL, OVER_CORE, OVER_DIVERSE = "over_total", "over_core", "over_diverse"
"""Reasons: dropped by `total.max`, `core.max`, `diverse.max`."""

OVER_SHARE, OVER_SOURCE, MADE_ROOM = "over_share", "over_source", "made_room"
"""Reasons: dropped by a share's `max`, by `sources.max`, for another share's `min`."""


@dataclass(frozen=True)
class Balanced:
    """`copies`: number, copies (0 if dropped) and reason of every example; `conflicts` found."""

    copies: pl.DataFrame
    conflicts: tuple[Conflict, ...]


def apply_plan(examples: pl.DataFrame, recipe: Recipe, targets: Sequence[Target]) -> Balanced:
    """Return how often to write each example, and the conflicts of the recipe.

    Args:
        examples: the SFT examples to train on (filter before), with the columns of `rules.rule`.
        recipe: its `core`, `diverse`, `total`, `sources`, `repeat` and `hard`.
        targets: shares and contrasts that the rules want.
    """
    placed, strata = stratified(examples, recipe, targets)
    wanted = constraints(strata, recipe, targets)
    least, _ = recipe.rows_wanted()
    repeat, room = recipe.repeat.max, recipe.total.make_room
    planned = plan(strata, wanted, repeat, make_room=room, least=least)
    found: tuple[Conflict, ...] = ()
    if planned.unmet or planned.ceilings_ignored:
        found = conflicts(system_of(strata, wanted, repeat, planned, room=room))
    ranked = _ranked(placed, recipe)
    return Balanced(_rows_of_examples(ranked, strata, wanted, planned, room=room), found)


def _ranked(examples: pl.DataFrame, recipe: Recipe) -> pl.DataFrame:
    """Return number, stratum and `place` of every example: 0 for the first of its stratum."""
    ordered = examples.sort("stratum", "sample_key", "number")
    for rule in sorters():
        rank = rule.ranked(ordered, recipe)
        if rank is not None:
            ordered = ordered.with_columns(rank=rank).sort(
                "stratum", "rank", nulls_last=True, maintain_order=True
            )
    place = pl.int_range(pl.len()).over("stratum")
    return ordered.select("number", "stratum", place=place)


def _rows_of_examples(
    ranked: pl.DataFrame, strata: Strata, wanted: Constraints, planned: Plan, *, room: bool
) -> pl.DataFrame:
    ceiling = [OVER_SOURCE if free else OVER_SHARE for free in strata.untargeted.tolist()]
    by_stratum = pl.DataFrame(
        {
            "stratum": np.arange(len(strata), dtype=np.uint32),
            "kept": planned.distinct,
            "repeats": planned.repeats,
            "under_ceilings": np.ceil(planned.under_ceilings.distinct - 1e-4).astype(np.int64),
            "cut": _cut(strata, wanted, planned, ceiling, room=room),
            "ceiling": ceiling,
        },
        schema_overrides={"cut": pl.String, "ceiling": pl.String},
    )
    joined = ranked.join(by_stratum, on="stratum", how="left", maintain_order="left")
    place, kept, repeats = pl.col("place"), pl.col("kept"), pl.col("repeats")
    divisor = pl.max_horizontal(kept, 1)
    copies = 1 + repeats // divisor + (place < repeats % divisor).cast(pl.Int64)
    reason = (
        pl.when(place < kept)
        .then(pl.lit(""))
        .when(place < pl.col("under_ceilings"))
        .then("cut")
        .otherwise("ceiling")
    )
    copies = pl.when(place < kept).then(copies).otherwise(0)
    return joined.select("number", copies=copies, reason=reason)


def _cut(
    strata: Strata, wanted: Constraints, planned: Plan, ceiling: list[str], *, room: bool
) -> list[str]:
    """Return (S) the reason why a stratum keeps less than ceilings alone would leave.

    Where no size is reached and no room was made, its ceiling came down with other rows.
    """

    def full(key: str, rows: Floats | Ints) -> bool:
        return any(
            float(rows[d.mask].sum()) >= float(d.number) for d in wanted.sizes if d.key == key
        )

    def why(core: bool, below: str) -> str:
        key, reason = ("core.max", OVER_CORE) if core else ("diverse.max", OVER_DIVERSE)
        if full(key, planned.rows):
            return reason
        if any(full("total.max", rows) for rows in (planned.rows, unsized)):
            return OVER_TOTAL
        return reason if full(key, unsized) else MADE_ROOM if room else below

    unsized = planned.under_ceilings.rows
    if not planned.resized:
        return [MADE_ROOM] * len(strata)
    return [why(core, below) for core, below in zip(strata.core.tolist(), ceiling, strict=True)]
