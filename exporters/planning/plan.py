"""The plan: how many distinct examples and repeats of every stratum are written.

1. Drop as many examples as ceilings require and no more; core examples last, all strata alike.
2. Repeat as many as floors require and no more, all strata alike; nothing is dropped to raise a
   share (S14). Repeats make room under ceilings, so 1 and 2 alternate until they settle.
3. Where that exceeds a size, plan again within it: floors first, then fewest core examples dropped
   (S8), then fewest examples dropped, all strata alike, then fewest repeats.
   With `total.make_room` rows are also left out so that floors are met, down to `total.min`.
4. Round to whole rows (`goldleaf.exporters.planning.rounding`).

Ceilings that would leave nothing at all, because the pool has nothing else, are ignored,
`sources.max` first. A floor that cannot be met comes as near as repeats bring it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from goldleaf.exporters.planning.constraints import Constraint, Constraints
from goldleaf.exporters.planning.disjoint import dropped_alone, gap, repeated_alone
from goldleaf.exporters.planning.linear_program import TOLERANCE, LinearProgram, Solution, required
from goldleaf.exporters.planning.rounding import rounded
from goldleaf.exporters.planning.strata import Strata

if TYPE_CHECKING:
    from goldleaf.exporters.planning.strata import Bools, Floats, Ints

SETTLED = 0.01
"""Rows: a turn that gains less is the last one, and a floor short by less counts as met."""

MAX_RESIZES = 3
"""Plans within sizes at most; each takes the reference counts of contrasts from the last one."""

MAX_TURNS = 50
"""Turns of dropping and repeating at most; each gains a fixed part of the gain of the last one."""


@dataclass(frozen=True, eq=False, slots=True)
class Plan:
    """What is written of every stratum: `distinct` (S) examples and `repeats` (S).

    `under_ceilings` (S): the plan before sizes; `resized`: whether a size was exceeded by it;
    `kept` (S): distinct examples under ceilings, or where a size is exceeded, those by which
    contrasts were measured at last;
    `unmet`: floors missed by more than rounding; `ceilings_ignored`: whether ceilings would have
    left nothing; `least`: rows below which no room was made; `planned`: the plan in fractions.
    """

    distinct: Ints
    repeats: Ints
    under_ceilings: Solution
    resized: bool
    kept: Floats
    unmet: tuple[Constraint, ...]
    ceilings_ignored: bool
    least: float
    planned: Solution

    @property
    def rows(self) -> Ints:
        """Return (S) the rows of every stratum: distinct examples and their repeats."""
        return self.distinct + self.repeats


def plan(
    strata: Strata,
    wanted: Constraints,
    repeat: int,
    *,
    make_room: bool = False,
    least: int | None = None,
) -> Plan:
    """Plan how many distinct examples and repeats of each stratum are written.

    Args:
        strata: the pool.
        wanted: constraints over these strata.
        repeat: the most rows of one example.
        make_room: whether examples may be left out so that floors are met.
        least: the fewest rows that may remain then (`total.min`).
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
    """Return (S) whether a stratum may be repeated: where a floor or a contrast counts it."""
    return np.any([np.zeros(len(strata), dtype=bool), *(d.mask for d in wanted.floors)], axis=0)


def rows_within(strata: Strata, unsized: Solution, sizes: Sequence[Constraint]) -> float:
    """Return how many rows remain of a plan when sizes are applied to it."""
    core = float(unsized.rows[strata.core].sum())
    rest = float(unsized.rows.sum()) - core
    limit = {constraint.key: float(constraint.number) for constraint in sizes}
    core = min(core, limit.get("core.max", core))
    rest = min(rest, limit.get("diverse.max", rest))
    return min(core + rest, limit.get("total.max", core + rest))


class _Planner:
    def __init__(self, strata: Strata, wanted: Constraints, repeat: int) -> None:
        self.strata, self.wanted, self.repeat = strata, wanted, repeat
        self.repeatable = repeatable(wanted, strata)

    def plan(self, make_room: bool, least: int | None) -> Plan:
        unsized = self._under_ceilings()
        reached = float(unsized.rows.sum())
        resized = any(_rows(unsized, d) > float(d.number) + TOLERANCE for d in self.wanted.sizes)
        short = float(unsized.unmet.sum()) > SETTLED
        # `reached` is a solver's number: required to its last digit, a floor that just fits would
        # be infeasible
        room = min(float(least or 1), max(0.0, reached - SETTLED))
        found, kept, aim = unsized, unsized.distinct, None
        if resized:
            found, kept = self._resized(unsized)
            aim = int(found.rows.sum() + TOLERANCE)
        if make_room and (short or float(found.unmet.sum()) > SETTLED):
            roomy = self._with_room_made(room)
            found, aim = (found, aim) if roomy is None else (roomy, None)
        unmet = {at for at, rows in enumerate(found.unmet) if rows > SETTLED}
        floors = [
            # an unmet floor is held where it is: rounding must not meet it by dropping others
            _as_reached(constraint, found) if at in unmet else constraint
            for at, constraint in enumerate(self.wanted.floors)
        ]
        bounds = [*floors, *self.wanted.ceilings, *self.wanted.sizes]
        distinct, repeats = rounded(self.strata, found, self.repeat, bounds, aim)
        missed = tuple(self.wanted.floors[at] for at in sorted(unmet))
        return Plan(distinct, repeats, unsized, resized, kept, missed, False, room, found)

    def _under_ceilings(self) -> Solution:
        """Drop what ceilings require and repeat what floors require, until both settle."""
        size = self.strata.size.astype(float)
        found, kept = Solution(size, size * 0, size[:0]), -1.0
        for _ in range(MAX_TURNS):
            if self._exceeded(size, found.repeats):
                dropped = self._dropped(found.repeats)
                if dropped is None:  # a ceiling holds to the last digit
                    break
                distinct = dropped
            else:  # nothing is to be dropped: no program is needed to know it
                distinct = size
            found = self._repeated(distinct, self.wanted.ceilings)
            # each turn gains a fixed part of the last one's gain (the share of the ceiling), so the
            # turns converge; they end when one gains less than a hundredth of a row
            if distinct.sum() < kept + SETTLED or np.array_equal(distinct, size):
                break
            kept = float(distinct.sum())
        return found

    def _dropped(self, repeats: Floats) -> Floats | None:
        """Return the most distinct examples under ceilings, core dropped last, the rest alike.

        None where ceilings leave no room for these repeats.
        """
        thinned = dropped_alone(self.strata, self.wanted.ceilings, repeats, self.repeat)
        if thinned is not None:
            return thinned
        program, size = self._program(), self.strata.size.astype(float)
        program.fix_repeats(repeats)
        core = -1.0 * self.strata.core
        found = program.minimize_in_order(program.cost(distinct=-1.0), program.cost(distinct=core))
        if found is None or size.sum() - found.distinct.sum() <= TOLERANCE:
            return None if found is None else size
        return program.equalize().distinct

    def _repeated(self, distinct: Floats, hard: Sequence[Constraint]) -> Solution:
        """Return the fewest repeats, spread alike, that bring floors as near as possible."""
        alone = repeated_alone(self.wanted.floors, hard, distinct, self.repeat)
        if alone is not None:
            return alone
        program = self._program(hard, soft=True)
        program.fix_distinct(distinct)
        program.relax()
        goals = program.cost(unmet=1.0), program.cost(repeats=1.0)
        found = required(program.minimize_in_order(*goals))
        spread = program.equalize(repeats=True) if found.repeats.sum() > TOLERANCE else found
        return Solution(distinct, spread.repeats, found.unmet)

    def _resized(self, unsized: Solution) -> tuple[Solution, Floats]:
        """Plan within sizes: as many rows as they allow, then floors, core, the rest.

        Returns the plan and the distinct examples (S) by which its contrasts were measured at last.
        """
        most = rows_within(self.strata, unsized, self.wanted.sizes)
        program = self._program([*self.wanted.ceilings, *self.wanted.sizes])
        program.rows_between(0, most)
        total = float(required(program.minimize_in_order(program.cost(total=-1.0))).rows.sum())
        found = unsized
        for _ in range(MAX_RESIZES):
            # only contrasts depend on the round before, so equal references give an equal plan
            before = found
            found = self._thinned([], total, total, measured=before.distinct)
            moved = [
                abs(float((found.distinct - before.distinct)[constraint.relative_to].sum()))
                for constraint in self.wanted.floors
                if constraint.relative_to is not None
            ]
            if max(moved, default=0.0) <= SETTLED / 100:
                return found, found.distinct
        # references that still move would leave floors unmet that can be met, or the other way: the
        # last round measures contrasts by those before and by its own, whichever are more
        measured = found.distinct
        return self._thinned([], total, total, measured=measured, own=True), measured

    def _exceeded(self, distinct: Floats, repeats: Floats) -> bool:
        """Return whether these rows exceed a ceiling."""
        return any(gap(d, distinct, distinct + repeats) > 0 for d in self.wanted.ceilings)

    def _with_room_made(self, room: float) -> Solution | None:
        """Plan with examples left out for each floor that this can meet; None if there is none."""
        hard = [*self.wanted.ceilings, *self.wanted.sizes]
        met: list[Constraint] = []
        found: Solution | None = None
        for constraint in self.wanted.floors:
            if found is None or gap(constraint, found.distinct, found.rows) > 0:
                program = self._program([*hard, *met, constraint])
                program.rows_between(room, float("inf"))
                some = program.minimize_in_order(program.cost())
                if some is None:
                    continue
                found = some
            met.append(constraint)
        return self._thinned(met, room, float("inf")) if met else None

    def _thinned(
        self,
        met: list[Constraint],
        least: float,
        most: float,
        *,
        measured: Floats | None = None,
        own: bool = False,
    ) -> Solution:
        """Return the plan within `least` and `most` rows that meets some floors, core dropped last.

        With `measured` (S distinct examples), contrasts are fixed numbers of rows measured by it,
        so that none is met by dropping its reference: no refusal goes for want of benign twins.
        With `own` they are measured by the references of this plan as well.
        """
        hard = [*self.wanted.ceilings, *self.wanted.sizes, *met]
        floors = () if met else self.wanted.floors
        if measured is not None:
            floors = tuple(constraint.in_rows(measured) for constraint in floors)
        program = LinearProgram(self.strata, self.repeat, self.repeatable, hard, floors)
        for at, constraint in enumerate(self.wanted.floors if own else ()):
            program.add(constraint, program.unmet(at))
        program.rows_between(least - TOLERANCE, most + TOLERANCE)
        core = -1.0 * self.strata.core
        goals = program.cost(unmet=1.0), program.cost(distinct=core), program.cost(distinct=-1.0)
        required(program.minimize_in_order(*goals))
        found = program.equalize()
        return self._repeated(found.distinct, [*hard, _at_most_rows(self.strata, found)])

    def _program(
        self, hard: Sequence[Constraint] | None = None, *, soft: bool = False
    ) -> LinearProgram:
        asked = self.wanted.ceilings if hard is None else hard
        floors = self.wanted.floors if soft else ()
        return LinearProgram(self.strata, self.repeat, self.repeatable, asked, floors)


def _rows(found: Solution, constraint: Constraint) -> float:
    return float(found.rows[constraint.mask].sum())


def _at_most_rows(strata: Strata, found: Solution) -> Constraint:
    """Return the constraint of no more rows than were found, so that repeats stay few."""
    total = Fraction(float(found.rows.sum()) + TOLERANCE)
    return Constraint("", "", np.ones(len(strata), dtype=bool), "rows", total, least=False)


def _as_reached(constraint: Constraint, found: Solution) -> Constraint:
    """Return an unmet floor as a minimum of the whole rows that it reached."""
    rows = Fraction(int(_rows(found, constraint) + SETTLED))
    return replace(constraint, unit="rows", number=rows, relative_to=None)
