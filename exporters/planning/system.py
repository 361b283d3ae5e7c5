"""The system of a plan: its members, and whether some of them can be fulfilled together.

The *members* are constraints by their key, and three requirements of every plan:

    repeat.max   no example is written more often
    keep         no example is left out that ceilings left; where a size is exceeded, the total is
                 not lowered further, and contrasts ask for no fewer rows than in the plan
    total.min    with `make_room`: no fewer rows remain, in place of `keep`

All are linear, so a set of members is feasible or not, and removing members never makes it
infeasible. Without `repeat.max` an example may come 100 times, the most that a recipe allows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING

from goldleaf.exporters.planning.constraints import Constraints
from goldleaf.exporters.planning.linear_program import LinearProgram, Solution
from goldleaf.exporters.planning.plan import Plan, repeatable, rows_within
from goldleaf.exporters.planning.strata import Strata

if TYPE_CHECKING:
    from goldleaf.exporters.planning.strata import Floats

KEEP, REPEAT, LEAST = "keep", "repeat.max", "total.min"
MOST_REPEATS = 100
"""The most that a recipe may set as `repeat.max`."""

Numbers = dict[str, Fraction]
"""Numbers tried in place of the recipe's, by key of the member."""


@dataclass(frozen=True, eq=False)
class System:
    """Everything that a plan had to fulfil.

    `kept` (S): distinct examples under ceilings, or where a size is exceeded, those by which the
    plan measured contrasts at last; `total`: rows planned where a size is exceeded, else None;
    `least`: rows down to which room is made, None where none is; `unmet`: the floors that the plan
    could not meet; `unsized`: the plan before sizes; `planned`: the plan in fractions, which shows
    that what it fulfils is feasible; `known`: which members were found so together, or not.
    """

    strata: Strata
    wanted: Constraints
    repeat: int
    kept: Floats
    total: float | None
    least: float | None
    unmet: frozenset[str]
    unsized: Solution
    planned: Solution | None = None
    known: dict[frozenset[str], bool] = field(default_factory=dict[frozenset[str], bool])

    def members(self) -> tuple[str, ...]:
        """Return all members, in the order in which the deletion filter tries to remove them."""
        wanted, free = self.wanted, self.least is None
        floors = [d.key for d in wanted.floors[::-1]]
        # without an unmet floor, ceilings alone conflict, and `keep` is not what to name
        keys = [] if self.unmet else [KEEP if free else LEAST]
        keys += [d.key for d in (*wanted.sizes, *wanted.ceilings)]
        keys += [key for key in floors if key not in self.unmet]
        keys += [KEEP if free else LEAST, REPEAT, *floors]
        return tuple(dict.fromkeys(keys))

    def feasible(self, members: Sequence[str], numbers: Numbers | None = None) -> bool:
        """Return whether some members can be fulfilled together, with other numbers for some."""
        if numbers:
            return self.program(members, numbers).feasible()
        asked = frozenset(members)
        if asked not in self.known:
            program = self.program(members, {})
            met = self.planned is not None and program.fulfilled_by(self.planned)
            self.known[asked] = met or program.feasible()
        return self.known[asked]

    def program(self, members: Sequence[str], numbers: Numbers) -> LinearProgram:
        """Return the linear program of some members; at least one row is written."""
        wanted = self.wanted
        constraints = [
            constraint.with_number(numbers.get(constraint.key, constraint.number))
            for constraint in (*wanted.floors, *wanted.ceilings, *wanted.sizes)
            if constraint.key in members
        ]
        if KEEP in members and self.total is not None:
            # added, not put in place of the ratios: without `keep` nothing else may be asked for
            contrasts = [d for d in constraints if d.relative_to is not None]
            constraints += [contrast.in_rows(self.kept) for contrast in contrasts]
        repeat = int(numbers.get(REPEAT, Fraction(self.repeat)))
        repeat = repeat if REPEAT in members else max(repeat, MOST_REPEATS)
        program = LinearProgram(self.strata, repeat, repeatable(wanted, self.strata), constraints)
        least = 1.0
        if KEEP in members and self.total is None:
            program.fix_distinct(self.kept)
        elif KEEP in members:
            least = max(least, self._total(numbers))
        if LEAST in members:
            least = max(least, float(numbers.get(LEAST, Fraction(self.least or 0.0))))
        program.rows_between(least, float("inf"))
        program.relax()
        return program

    def _total(self, numbers: Numbers) -> float:
        """Return the rows that were planned, or would be with other sizes."""
        sizes = self.wanted.sizes
        changed = [size.with_number(numbers.get(size.key, size.number)) for size in sizes]
        was, now = (rows_within(self.strata, self.unsized, some) for some in (sizes, changed))
        return (self.total or 0.0) + now - was


def system_of(
    strata: Strata, wanted: Constraints, repeat: int, planned: Plan, *, room: bool
) -> System:
    """Return what a plan had to fulfil; `room` is the recipe's `total.make_room`."""
    total = float(planned.planned.rows.sum()) if planned.resized else None
    unmet = frozenset(constraint.key for constraint in planned.unmet)
    least = planned.least if room else None
    before = planned.under_ceilings
    return System(
        *(strata, wanted, repeat, planned.kept, total, least, unmet, before), planned.planned
    )
