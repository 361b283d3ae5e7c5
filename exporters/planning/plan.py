"""How many rows each stratum gives: shares met by repeating the short and dropping the long.

1. What ceilings ask for is dropped, no more; of that, core rows last and all strata alike.
2. What floors ask for is repeated, no more, alike; nothing is dropped to lift a share (S14).
   Repeats make room under ceilings, so both are done until they settle.
3. If that is more than a size allows, all is planned again within it: floors first, then fewest
   core rows dropped (S8), then fewest rows, all strata alike, then fewest repeats.
   With `total.make_room` rows are also left out so that floors are met, down to `total.min`.
4. Whole rows (`goldleaf.exporters.planning.rounding`).

If ceilings would leave nothing at all, because there is nothing else to stand beside, they are put
ceilings_ignored, `sources.max` first. A floor that cannot be met comes as near as repeats bring it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING

from goldleaf.exporters.planning.constraints import Constraint, Constraints
from goldleaf.exporters.planning.linear_program import CLOSE, LinearProgram, Solution, sure
from goldleaf.exporters.planning.rounding import rounded
from goldleaf.exporters.planning.strata import Strata

if TYPE_CHECKING:
    from goldleaf.exporters.planning.strata import Bools, Floats, Ints

SETTLED = 0.01
"""Rows: less than that and repeats make no more room, or a floor is met: a solver's last digits."""

AGAIN = 3
"""How often a plan within sizes is made; contrasts are told anew what they stand beside."""

TURNS = 50
"""Steps of dropping and repeating at most; each gains a fraction of what the one before did."""


@dataclass(frozen=True, eq=False, slots=True)
class Plan:
    """What every stratum gives: `distinct` (S) examples and `repeats` (S).

    `under_ceilings` (S): what was left of it by ceilings alone; `resized`: whether a size was in
    the way; `unmet`: floors that were not met by more than rounding; `aside`: whether ceilings were
    put aside; `least`: rows below which no room was made; `total`: rows planned, in fractions.
    """

    distinct: Ints
    repeats: Ints
    under_ceilings: Solution
    resized: bool
    unmet: tuple[Constraint, ...]
    ceilings_ignored: bool
    least: float
    total: float

    @property
    def rows(self) -> Ints:
        """Return (S) the rows of every stratum."""
        return self.distinct + self.repeats


def plan(
    strata: Strata,
    wanted: Constraints,
    repeat: int,
    *,
    make_room: bool = False,
    least: int | None = None,
) -> Plan:
    """Return what each stratum gives.

    Args:
        strata: what there is.
        wanted: constraints over these strata.
        repeat: how often one example may be written at most.
        make_room: whether rows may be left out for floors.
        least: rows that must be left then (`total.min`).
    """
    made = _Planner(strata, wanted, repeat).plan(make_room, least)
    shares = tuple(constraint for constraint in wanted.ceilings if constraint.key != "sources.max")
    for left in (shares, ()):
        if made.rows.sum() or not strata.size.sum() or not wanted.ceilings:
            break
        planner = _Planner(strata, replace(wanted, ceilings=left), repeat)
        made = replace(planner.plan(make_room, least), ceilings_ignored=True)
    return made


def repeatable(wanted: Constraints, strata: Strata) -> Bools:
    """Return (S) what may be repeated: what a floor or a contrast is about, nothing natural."""
    import numpy as np

    return np.any([np.zeros(len(strata), dtype=bool), *(d.of for d in wanted.floors)], axis=0)


def room_left(strata: Strata, loose: Solution, sizes: Sequence[Constraint]) -> float:
    """Return the rows that sizes leave of what would be written without them."""
    core = float(loose.rows[strata.core].sum())
    rest = float(loose.rows.sum()) - core
    limit = {constraint.key: float(constraint.number) for constraint in sizes}
    core = min(core, limit.get("core.max", core))
    rest = min(rest, limit.get("diverse.max", rest))
    return min(core + rest, limit.get("total.max", core + rest))


class _Planner:
    def __init__(self, strata: Strata, wanted: Constraints, repeat: int) -> None:
        self.strata, self.wanted, self.repeat = strata, wanted, repeat
        self.repeatable = repeatable(wanted, strata)

    def plan(self, make_room: bool, least: int | None) -> Plan:
        loose = self._under_ceilings()
        reached = float(loose.rows.sum())
        resized = any(_rows(loose, d) > float(d.number) + CLOSE for d in self.wanted.sizes)
        short = float(loose.unmet.sum()) > SETTLED
        # `reached` is a solver's number: taken to its last digit, a floor that just fits would not
        room = min(float(least or 1), max(0.0, reached - SETTLED))
        found, aim = None, None
        if make_room and short:
            found = self._with_room_made(room)
        if found is None and resized:
            found = self._resized(loose)
            aim = int(found.rows.sum() + CLOSE)
        found = found or loose
        unmet = {at for at, rows in enumerate(found.unmet) if rows > SETTLED}
        floors = [
            # what stays unmet is held where it is, and not met by dropping in whole rows
            _held(constraint, found) if at in unmet else constraint
            for at, constraint in enumerate(self.wanted.floors)
        ]
        bounds = [*floors, *self.wanted.ceilings, *self.wanted.sizes]
        distinct, repeats = rounded(self.strata, found, self.repeat, bounds, aim)
        told = tuple(self.wanted.floors[at] for at in sorted(unmet))
        total = float(found.rows.sum())
        return Plan(distinct, repeats, loose, resized, told, False, room, total)

    def _under_ceilings(self) -> Solution:
        """Drop what ceilings ask for and repeat what floors ask for, until both settle."""
        import numpy as np

        size, core = self.strata.size.astype(float), self.strata.core
        found, kept = Solution(size, size * 0, size[:0]), -1.0
        for _ in range(TURNS):
            if self._exceeded(size, found.repeats):
                dropping = self._program()
                dropping.repeated(found.repeats)
                goals = dropping.cost(distinct=-1.0), dropping.cost(distinct=-1.0 * core)
                dropped = dropping.minimize_in_order(*goals)
                if dropped is None:  # a ceiling holds to the last digit
                    break
                distinct = dropped.distinct
                if size.sum() - distinct.sum() > CLOSE:
                    distinct = dropping.equalize().distinct
                else:
                    distinct = size
            else:  # nothing is to be dropped: no program is needed to know it
                distinct = size
            found = self._repeated(distinct, self.wanted.ceilings)
            # each turn gains a fixed part of the last one's gain (the share of the ceiling), so the
            # turns converge; they end when one gains less than a hundredth of a row
            if distinct.sum() < kept + SETTLED or np.array_equal(distinct, size):
                break
            kept = float(distinct.sum())
        return found

    def _repeated(self, distinct: Floats, hard: Sequence[Constraint]) -> Solution:
        """Return fewest repeats, spread alike, that bring floors as near as can be."""
        none = distinct * 0
        if not any(
            _gap(constraint, distinct, distinct) > 0 for constraint in (*self.wanted.floors, *hard)
        ):
            return Solution(distinct, none, none[: len(self.wanted.floors)])
        program = self._program(hard, soft=True)
        program.fix(distinct)
        program.relax()
        goals = program.cost(unmet=1.0), program.cost(repeats=1.0)
        found = sure(program.minimize_in_order(*goals))
        spread = program.equalize(repeats=True) if found.repeats.sum() > CLOSE else found
        return Solution(distinct, spread.repeats, found.unmet)

    def _resized(self, loose: Solution) -> Solution:
        """Plan within the sizes: as many rows as they allow, then floors, core, the rest."""
        most = room_left(self.strata, loose, self.wanted.sizes)
        program = self._program([*self.wanted.ceilings, *self.wanted.sizes])
        program.rows_between(0, most)
        total = float(sure(program.minimize_in_order(program.cost(total=-1.0))).rows.sum())
        found, beside = loose, None
        for _ in range(AGAIN):
            # contrasts are all that a round learns from the one before it
            before, beside = beside, [float(found.distinct[of].sum()) for of in self._besides()]
            if before == beside:
                break
            found = self._thinned([], total, total, beside=found.distinct)
        return found

    def _besides(self) -> list[Bools]:
        """Return what each contrast stands beside."""
        return [d.beside for d in self.wanted.floors if d.beside is not None]

    def _exceeded(self, distinct: Floats, repeats: Floats) -> bool:
        """Tell whether a ceiling is exceeded by so many rows."""
        return any(_gap(d, distinct, distinct + repeats) > 0 for d in self.wanted.ceilings)

    def _with_room_made(self, room: float) -> Solution | None:
        """Plan with rows left out for every floor that can be met so; None if there is none."""
        hard = [*self.wanted.ceilings, *self.wanted.sizes]
        met: list[Constraint] = []
        for constraint in self.wanted.floors:
            program = self._program([*hard, *met, constraint])
            program.rows_between(room, float("inf"))
            if program.feasible():
                met.append(constraint)
        return self._thinned(met, room, float("inf")) if met else None

    def _thinned(
        self, met: list[Constraint], least: float, most: float, beside: Floats | None = None
    ) -> Solution:
        """Return the plan of so many rows that meets some floors and spares core and all others.

        With `beside` (S), the distinct examples that contrasts are thought to stand beside, no
        contrast is met by dropping what it stands beside: no refusal goes for want of twins.
        """
        hard = [*self.wanted.ceilings, *self.wanted.sizes, *met]
        floors = () if met else self.wanted.floors
        if beside is not None:
            floors = tuple(constraint.against(beside) for constraint in floors)
        program = LinearProgram(self.strata, self.repeat, self.repeatable, hard, floors)
        program.rows_between(least - CLOSE, most + CLOSE)
        core = -1.0 * self.strata.core
        goals = program.cost(unmet=1.0), program.cost(distinct=core), program.cost(distinct=-1.0)
        sure(program.minimize_in_order(*goals))
        found = program.equalize()
        return self._repeated(found.distinct, [*hard, _no_more(self.strata, found)])

    def _program(
        self, hard: Sequence[Constraint] | None = None, *, soft: bool = False
    ) -> LinearProgram:
        asked = self.wanted.ceilings if hard is None else hard
        floors = self.wanted.floors if soft else ()
        return LinearProgram(self.strata, self.repeat, self.repeatable, asked, floors)


def _gap(constraint: Constraint, distinct: Floats, rows: Floats) -> float:
    """Return by how many fractions of rows a constraint is missed; negative where there is room."""
    against = {"share": float(rows.sum()), "ratio": 0.0, "rows": 1.0}[constraint.unit]
    if constraint.beside is not None:
        against = float(distinct[constraint.beside].sum())
    gap = float(rows[constraint.of].sum()) - float(constraint.number) * against
    return -gap if constraint.least else gap


def _rows(found: Solution, constraint: Constraint) -> float:
    return float(found.rows[constraint.of].sum())


def _no_more(strata: Strata, found: Solution) -> Constraint:
    """Return the constraint of no more rows than were found, so that repeats stay few."""
    import numpy as np

    total = Fraction(float(found.rows.sum()) + CLOSE)
    return Constraint("", "", np.ones(len(strata), dtype=bool), "rows", total, least=False)


def _held(constraint: Constraint, found: Solution) -> Constraint:
    """Return a floor that is not met as the whole rows that it came to."""
    rows = Fraction(int(_rows(found, constraint) + SETTLED))
    return replace(constraint, unit="rows", number=rows, beside=None)
