"""What a recipe constraints of the rows, each constraint one inequality over strata.

    rows of some strata  >= or <=  number * (all rows | distinct examples of others | 1)

The three forms are shares (S12 to S15, `sources.max`), contrasts (benign twins, no-tool rows) and
sizes (`total`, `core.max`, `diverse.max`). A contrast counts only rows that are not in what they
stand beside: a twin that is a refusal itself is no twin.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Literal, TypeAlias

from goldleaf.exporters.planning.strata import Strata
from goldleaf.exporters.recipes.recipe import Recipe
from goldleaf.exporters.rules.rule import Target
from goldleaf.exporters.rules.target_result import exact

if TYPE_CHECKING:
    from goldleaf.exporters.planning.strata import Bools, Floats, Ints

Unit: TypeAlias = Literal["share", "ratio", "rows"]


@dataclass(frozen=True, eq=False, slots=True)
class Constraint:
    """One inequality. `key` is its path in the recipe, `name` the target it is about.

    `of` (S): the strata whose rows count; `unit`: whether `number` is a share of all rows, a ratio
    to the distinct examples of the strata `beside` (S), or rows; `least`: whether it is a floor.
    """

    key: str
    name: str
    of: Bools
    unit: Unit
    number: Fraction
    least: bool
    beside: Bools | None = None

    def at(self, number: Fraction) -> Constraint:
        """Return the constraint with another number."""
        return replace(self, number=number)

    def against(self, distinct: Floats) -> Constraint:
        """Return a contrast as rows for so many distinct examples (S); others as they are."""
        if self.beside is None:
            return self
        rows = self.number * Fraction(float(distinct[self.beside].sum()))
        return replace(self, unit="rows", number=rows, beside=None)

    def gap(self, distinct: Ints, rows: Ints) -> int:
        """Return by how many whole rows it is missed; floors round up, ceilings down."""
        got = int(rows[self.of].sum())
        against = {"share": int(rows.sum()), "ratio": 0, "rows": 1}[self.unit]
        if self.beside is not None:
            against = int(distinct[self.beside].sum())
        over, under = self.number.numerator * against, self.number.denominator
        return max(0, -(-over // under) - got) if self.least else max(0, got - over // under)


@dataclass(frozen=True, slots=True)
class Constraints:
    """All constraints of a recipe: floors of targets and contrasts, ceilings of shares, sizes."""

    floors: tuple[Constraint, ...] = ()
    ceilings: tuple[Constraint, ...] = ()
    sizes: tuple[Constraint, ...] = ()


def constraints(strata: Strata, recipe: Recipe, targets: Sequence[Target]) -> Constraints:
    """Return what a recipe constraints of these strata.

    Args:
        strata: their `shows` has one row a target.
        recipe: its `total`, `core`, `diverse` and `sources`.
        targets: what the rules ask for.
    """
    import numpy as np

    names = [target.name for target in targets]
    floors: list[Constraint] = []
    ceilings: list[Constraint] = []
    for target, of in zip(targets, strata.shows, strict=True):
        if target.min > 0:
            floors.append(_share(f"{target.key}.min", target.name, of, target.min, least=True))
        if target.max < 1:
            ceilings.append(_share(f"{target.key}.max", target.name, of, target.max, least=False))
        if target.beside:
            beside = strata.shows[names.index(target.beside)]
            ratio = exact(target.ratio)
            floors.append(
                Constraint(target.key, target.name, of & ~beside, "ratio", ratio, True, beside)
            )
    if recipe.sources.max < 1:
        for source in sorted({s for s, free in _sources(strata) if free}):
            of = np.array([free and s == source for s, free in _sources(strata)], dtype=bool)
            ceilings.append(_share("sources.max", source, of, recipe.sources.max, least=False))
    _, most = recipe.rows_wanted()
    whole = np.ones(len(strata), dtype=bool)
    limits = (
        ("total.max", whole, most),
        ("core.max", strata.core, recipe.core.max if recipe.core else None),
        ("diverse.max", ~strata.core, recipe.diverse.max),
    )
    sizes = [
        Constraint(key, "", of, "rows", Fraction(rows), least=False)
        for key, of, rows in limits
        if rows is not None
    ]
    return Constraints(tuple(floors), tuple(ceilings), tuple(sizes))


def _share(key: str, name: str, of: Bools, number: float, *, least: bool) -> Constraint:
    return Constraint(key, name, of, "share", exact(number), least)


def _sources(strata: Strata) -> list[tuple[str, bool]]:
    return list(zip(strata.sources, strata.untargeted.tolist(), strict=True))
