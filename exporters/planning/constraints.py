"""A recipe as constraints: each one linear inequality over strata.

    rows of some strata  >= or <=  number * (all rows | distinct examples of others | 1)

The three forms are shares (S12 to S15, `sources.max`), contrasts (benign twins, no-tool rows) and
sizes (`total`, `core.max`, `diverse.max`). A contrast counts only rows outside its reference: a
benign twin that is a refusal itself is not counted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np

from goldleaf.exporters.planning.strata import Strata
from goldleaf.exporters.rules.rule import Target
from goldleaf.exporters.rules.target_result import exact
from goldleaf.recipes.recipe import Recipe

if TYPE_CHECKING:
    from goldleaf.exporters.planning.strata import Bools, Floats, Ints

Unit: TypeAlias = Literal["share", "ratio", "rows"]


@dataclass(frozen=True, eq=False, slots=True)
class Constraint:
    """One inequality. `key` is its path in the recipe, `name` the target it is about.

    `mask` (S): the strata whose rows count; `unit`: whether `number` is a share of all rows, a
    ratio to the distinct examples of the strata `relative_to` (S), or rows; `least`: whether it is
    a minimum.
    """

    key: str
    name: str
    mask: Bools
    unit: Unit
    number: Fraction
    least: bool
    relative_to: Bools | None = None

    def with_number(self, number: Fraction) -> Constraint:
        """Return the constraint with another number."""
        return replace(self, number=number)

    def in_rows(self, distinct: Floats) -> Constraint:
        """Return a contrast as rows for so many distinct examples (S); others as they are."""
        if self.relative_to is None:
            return self
        rows = self.number * Fraction(float(distinct[self.relative_to].sum()))
        return replace(self, unit="rows", number=rows, relative_to=None)

    def gap(self, distinct: Ints, rows: Ints) -> int:
        """Return how many whole rows it is missed by, 0 if met; floors round up, ceilings down."""
        got = int(rows[self.mask].sum())
        basis = {"share": int(rows.sum()), "ratio": 0, "rows": 1}[self.unit]
        if self.relative_to is not None:
            basis = int(distinct[self.relative_to].sum())
        over, under = self.number.numerator * basis, self.number.denominator
        return max(0, -(-over // under) - got) if self.least else max(0, got - over // under)


@dataclass(frozen=True, slots=True)
class Constraints:
    """All constraints: `floors` of targets and contrasts, `ceilings` of shares, `sizes` in rows."""

    floors: tuple[Constraint, ...] = ()
    ceilings: tuple[Constraint, ...] = ()
    sizes: tuple[Constraint, ...] = ()


def constraints(strata: Strata, recipe: Recipe, targets: Sequence[Target]) -> Constraints:
    """Return a recipe's constraints over these strata.

    Args:
        strata: their `shows` has one row a target.
        recipe: its `total`, `core`, `diverse` and `sources`.
        targets: what the rules ask for.
    """
    names = [target.name for target in targets]
    floors: list[Constraint] = []
    ceilings: list[Constraint] = []
    for target, mask in zip(targets, strata.shows, strict=True):
        if target.min > 0:
            floors.append(_share(f"{target.key}.min", target.name, mask, target.min, least=True))
        if target.max < 1:
            ceilings.append(_share(f"{target.key}.max", target.name, mask, target.max, least=False))
        if target.relative_to:
            reference = strata.shows[names.index(target.relative_to)]
            ratio = exact(target.ratio)
            floors.append(
                Constraint(
                    *(target.key, target.name, mask & ~reference, "ratio", ratio),
                    least=True,
                    relative_to=reference,
                )
            )
    if recipe.sources.max < 1:
        for source in sorted({s for s, free in _sources(strata) if free}):
            mask = np.array([free and s == source for s, free in _sources(strata)], dtype=bool)
            ceilings.append(_share("sources.max", source, mask, recipe.sources.max, least=False))
    _, most = recipe.rows_wanted()
    whole = np.ones(len(strata), dtype=bool)
    limits = (
        ("total.max", whole, most),
        ("core.max", strata.core, recipe.core.max if recipe.core else None),
        ("diverse.max", ~strata.core, recipe.diverse.max),
    )
    sizes = [
        Constraint(key, "", mask, "rows", Fraction(rows), least=False)
        for key, mask, rows in limits
        if rows is not None
    ]
    return Constraints(tuple(floors), tuple(ceilings), tuple(sizes))


def _share(key: str, name: str, mask: Bools, number: float, *, least: bool) -> Constraint:
    return Constraint(key, name, mask, "share", exact(number), least)


def _sources(strata: Strata) -> list[tuple[str, bool]]:
    return list(zip(strata.sources, strata.untargeted.tolist(), strict=True))
