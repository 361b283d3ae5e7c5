"""Hard examples go first (S17): they are the most valuable of the long tail.

Hardness is read from stored signals, never from length: an example's place among all by each
signal that the recipe names, averaged over those it has; without any it comes last. Strict judges
"disproportionately removed challenging prompts" (Llama 3), so the guard is a floor on quality:
where the recipe sets one, an example without a known quality has no preference either. Shipped
recipes name signals that `goldleaf curate` stores; where no example has them, the order is that of
a recipe that names none.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import polars as pl

if TYPE_CHECKING:
    from goldleaf.recipes.recipe import Recipe

ORDER = 200


def ranked(examples: pl.DataFrame, recipe: Recipe) -> pl.Series | None:
    """Return for each example the part of all that are harder, 0 to 1; the hardest has the least.

    Null for one without any of the recipe's signals, and with a floor on quality for one without a
    quality; None where the recipe names no signal, or none that orders any of these examples.
    """
    if not recipe.hard.used:
        return None
    places = [
        _harder(pl.col(f"signal {name}"), descending=direction == "high")
        for name, direction in recipe.hard.used.items()
    ]
    place = pl.when(_rated(recipe)).then(pl.mean_horizontal(places))
    found = examples.select(place.alias("hard")).to_series()
    return found if found.count() else None


@dataclass(frozen=True, slots=True)
class NamedSignal:
    """A signal of `hard.signals` and how many SFT examples have it, before any rule.

    `direction`: `high` or `low`; `examples`: those that have it; `ordered`: those of them that it
    orders, which a floor on quality allows for rated ones alone.
    """

    name: str
    direction: str
    examples: int
    ordered: int

    def plain(self) -> dict[str, Any]:
        """Return it as JSON."""
        return {
            "name": self.name,
            "direction": self.direction,
            "examples": self.examples,
            "ordered": self.ordered,
        }


def named_signals(examples: pl.DataFrame, recipe: Recipe) -> tuple[NamedSignal, ...]:
    """Return which of the recipe's signals the SFT examples have, by name."""
    sft = examples.filter(use="sft")
    return tuple(
        NamedSignal(name, direction, int(there.sum()), int((there & rated).sum()))
        for rated in [sft.select(_rated(recipe).alias("rated")).to_series()]
        for name, direction in recipe.hard.used.items()
        for there in [sft[f"signal {name}"].fill_nan(None).is_not_null()]
    )


def _rated(recipe: Recipe) -> pl.Expr:
    """Return an expression: whether an example's quality lets hardness speak."""
    if recipe.quality.min is None:
        return pl.col("quality").is_null() | True
    return pl.col("quality").is_not_null()


def _harder(signal: pl.Expr, *, descending: bool) -> pl.Expr:
    """Return each value's place among those there are; equal values share theirs."""
    known = signal.fill_nan(None)
    rank = known.rank("average", descending=descending) - 0.5
    return rank / pl.max_horizontal(known.count(), 1)
