"""Why floors stay unmet: irreducible conflicts, and the least change of each number that mends one.

The *members* are constraints by their key, and what else holds a plan together:

    repeat.max   no example is written more often
    keep         what ceilings left is not left out; where a size is in the way, the total is not
                 lowered further, nor what contrasts stand beside
    total.min    with `make_room`: no fewer rows are left, instead of `keep`

All of them are linear, so a set of them is feasible or not, and taking members away never makes it
infeasible. A deletion filter therefore ends with an irreducible set: infeasible, and feasible
without any one of its members (Chinneck and Dravnieks 1991). It tries in a fixed order what to
leave out first, so that the unmet floor, `repeat.max` and `keep` are named before what follows.
Without `repeat.max` an example may come 100 times, the most that a recipe may say.

The least change of a number is found by bisection, against all members but the floors of other
conflicts, so that it mends the plan and not this conflict alone; where that cannot be, against this
conflict alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from math import ceil
from typing import TYPE_CHECKING

from goldleaf.exporters.planning.constraints import Constraint, Constraints
from goldleaf.exporters.planning.linear_program import CLOSE, LinearProgram, Solution
from goldleaf.exporters.planning.plan import Plan, repeatable, room_left
from goldleaf.exporters.planning.results import Change, Conflict
from goldleaf.exporters.planning.strata import Strata

if TYPE_CHECKING:
    from goldleaf.exporters.planning.strata import Floats

KEEP, REPEAT, LEAST = "keep", "repeat.max", "total.min"
MOST_REPEATS = 100
"""The most that `repeat.max` may say."""

GRAIN = 10_000
"""Shares and ratios are told to a ten-thousandth."""

MOST_ROWS = 2**40
"""More rows than any change is looked for."""

Numbers = dict[str, Fraction]
"""Numbers of members that differ from the recipe's, by key."""


@dataclass(frozen=True, eq=False)
class System:
    """Everything that a plan had to fulfil.

    `kept` (S): distinct examples under ceilings, or within sizes where one is in the way; `total`:
    rows planned where a size is in the way, else None; `least`: rows down to which room is made,
    None where none is; `unmet`: the floors that the plan could not meet; `loose`: what would be
    written without sizes.
    """

    strata: Strata
    wanted: Constraints
    repeat: int
    kept: Floats
    total: float | None
    least: float | None
    unmet: frozenset[str]
    loose: Solution

    def members(self) -> tuple[str, ...]:
        """Return all members, in the order in which they are tried to be left out."""
        wanted, free = self.wanted, self.least is None
        floors = [d.key for d in wanted.floors[::-1]]
        keys = [] if self.unmet else [KEEP if free else LEAST]  # then ceilings leave nothing
        keys += [d.key for d in (*wanted.sizes, *wanted.ceilings)]
        keys += [key for key in floors if key not in self.unmet]
        keys += [KEEP if free else LEAST, REPEAT, *floors]
        return tuple(dict.fromkeys(keys))

    def feasible(self, members: Sequence[str], numbers: Numbers | None = None) -> bool:
        """Tell whether some members can be fulfilled together."""
        return self.program(members, numbers or {}).feasible()

    def program(self, members: Sequence[str], numbers: Numbers) -> LinearProgram:
        """Return the program of some members; at least one row is written."""
        wanted = self.wanted
        constraints = [
            constraint.at(numbers.get(constraint.key, constraint.number))
            for constraint in (*wanted.floors, *wanted.ceilings, *wanted.sizes)
            if constraint.key in members
        ]
        if KEEP in members and self.total is not None:
            constraints = [constraint.against(self.kept) for constraint in constraints]
        repeat = int(numbers.get(REPEAT, Fraction(self.repeat)))
        repeat = repeat if REPEAT in members else max(repeat, MOST_REPEATS)
        program = LinearProgram(self.strata, repeat, repeatable(wanted, self.strata), constraints)
        least = 1.0
        if KEEP in members and self.total is None:
            program.fix(self.kept)
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
        changed = [
            constraint.at(numbers.get(constraint.key, constraint.number)) for constraint in sizes
        ]
        was, now = (room_left(self.strata, self.loose, told) for told in (sizes, changed))
        return (self.total or 0.0) + now - was


def system(strata: Strata, wanted: Constraints, repeat: int, made: Plan, *, room: bool) -> System:
    """Return what a plan had to fulfil; `room` is the recipe's `total.make_room`."""
    kept = made.distinct.astype(float) if made.resized else made.under_ceilings.distinct
    total = made.total if made.resized else None
    unmet = frozenset(constraint.key for constraint in made.unmet)
    least = made.least if room else None
    return System(strata, wanted, repeat, kept, total, least, unmet, made.under_ceilings)


def conflicts(against: System) -> tuple[Conflict, ...]:
    """Return why floors stay unmet, one irreducible conflict after another; none where none do."""
    if not against.strata.size.sum():
        return ()
    found: list[tuple[str, tuple[str, ...]]] = []
    left = against.members()
    for key in left[::-1]:
        alone = [other for other in left if other == key or other not in against.unmet]
        if key in against.unmet and not against.feasible(alone):
            found.append((key, _irreducible(against, alone)))
    left = [key for key in left if key not in dict(found)]
    while not against.feasible(left):  # floors that can be met alone and not together
        members = _irreducible(against, left)
        blamed = _blamed(against, members)
        found.append((blamed, members))
        left = [key for key in left if key != blamed]
    told: list[Conflict] = []
    for blamed, members in found:
        others = {key for key, _ in found} - {blamed} - set(members)
        context = tuple(key for key in against.members() if key not in others)
        told.append(Conflict(members, tuple(_changes(against, members, context))))
    return tuple(told)


def _irreducible(against: System, members: Sequence[str]) -> tuple[str, ...]:
    """Return an infeasible part of some members that is feasible without any one of it."""
    left = list(members)
    for key in members:
        without = [other for other in left if other != key]
        if not against.feasible(without):
            left = without
    return tuple(left[::-1])


def _blamed(against: System, members: Sequence[str]) -> str:
    """Return the member that the conflict is about: its first floor, else what is first."""
    floors = {constraint.key for constraint in against.wanted.floors}
    return next((key for key in members if key in floors), members[0])


def _changes(against: System, members: Sequence[str], context: Sequence[str]) -> Iterator[Change]:
    named = {d.key: d for d in _all(against.wanted)}
    for key in members:
        if key == KEEP:
            continue
        whole = [c for c in (context, members) if against.feasible([k for k in c if k != key])]
        change = _number(against, key, named.get(key))
        if whole:
            change = _least_change(change, lambda to, k=key, c=whole[0]: _with(against, c, k, to))
        yield change.told()
    for key in members:
        constraint = named.get(key)
        if (
            constraint is not None
            and constraint.unit != "rows"
            and constraint.name
            and key != "sources.max"
        ):
            yield _examples(against, constraint, members, context)


@dataclass(frozen=True)
class _Number:
    """A number of the recipe, in steps of `1 / grain`; it is mended by going `up` or down."""

    key: str
    unit: str
    was: int
    end: int
    grain: int = 1
    to: int | None = None

    def told(self) -> Change:
        value = None if self.to is None else self.to / self.grain
        return Change(self.key, self.unit, self.was / self.grain, value)


def _number(against: System, key: str, constraint: Constraint | None) -> _Number:
    if key == REPEAT:
        return _Number(key, "times", against.repeat, MOST_REPEATS)
    if constraint is None:
        return _Number(key, "rows", ceil(against.least or 0), 0)
    if constraint.unit == "rows":
        return _Number(key, "rows", int(constraint.number), MOST_ROWS)
    end = 0 if constraint.least else GRAIN
    return _Number(key, constraint.unit, round(constraint.number * GRAIN), end, GRAIN)


def _least_change(number: _Number, mends: Callable[[Fraction], bool]) -> _Number:
    """Return the step nearest to what a number was that mends; the farthest one always would."""
    way, span = (1 if number.end > number.was else -1), abs(number.end - number.was)
    mending, failing = (span if span <= GRAIN else 1), 0  # a short way is halved from its end

    def holds(steps: int) -> bool:
        return mends(Fraction(number.was + way * steps, number.grain))

    while mending < span and not holds(mending):
        failing, mending = mending, min(2 * mending, span)
    if mending >= span and not holds(span):
        return number
    while mending - failing > 1:
        middle = (mending + failing) // 2
        mending, failing = (middle, failing) if holds(middle) else (mending, middle)
    return _Number(
        *(number.key, number.unit, number.was, number.end, number.grain),
        number.was + way * mending,
    )


def _with(against: System, members: Sequence[str], key: str, number: Fraction) -> bool:
    return against.feasible(members, {key: number})


def _examples(
    against: System, constraint: Constraint, members: Sequence[str], context: Sequence[str]
) -> Change:
    """Return how many more examples mend it: of the target, or for a ceiling of none.

    Contrasts to the target are left out: what more of it asks of them is told next.
    """
    name = constraint.name if constraint.least else "other"
    contrasts = {d.key for d in against.wanted.floors if _beside(d, constraint)}
    for tried in (set(context) - contrasts, {*members, KEEP, LEAST, REPEAT}):
        program = _with_more(against, constraint).program(list(tried), {})
        at = len(against.strata)
        program.low[at], program.high[at] = 0.0, float(MOST_ROWS)
        program.high[2 * at + 1] = float(MOST_ROWS) * (constraint.least and against.repeat > 1)
        goal = program.cost()
        goal[at] = 1.0
        found = program.minimize_in_order(goal)
        if found is not None:
            more = max(1, ceil(float(found.distinct[at]) - CLOSE * 10))
            return Change(f"examples.{name}", "examples", 0, more)
    return Change(f"examples.{name}", "examples", 0, None)


def _beside(contrast: Constraint, constraint: Constraint) -> bool:
    """Tell whether a contrast stands beside what a floor is about."""
    of = contrast.beside
    return (
        of is not None
        and constraint.least
        and contrast is not constraint
        and bool((of == constraint.of).all())
    )


def _with_more(against: System, constraint: Constraint) -> System:
    """Return the system with one more stratum, empty as yet, that shows a target and no other."""
    import numpy as np

    strata, wanted = against.strata, against.wanted

    def longer(other: Constraint) -> Constraint:
        new = (constraint.least and other.name == constraint.name) or other.key == "total.max"
        new = bool(new or other.key == "diverse.max")
        beside = other.beside
        if beside is not None:
            about = {d.key: d for d in wanted.floors}.get(constraint.key)
            same = about is not None and constraint.least and np.array_equal(beside, about.of)
            beside = np.append(beside, same)
        of = np.append(other.of, new)
        return Constraint(other.key, other.name, of, other.unit, other.number, other.least, beside)

    grown = Constraints(
        tuple(map(longer, wanted.floors)),
        tuple(map(longer, wanted.ceilings)),
        tuple(map(longer, wanted.sizes)),
    )
    shown = np.pad(strata.shows, ((0, 0), (0, 1)))
    more = Strata(
        np.append(strata.size, 0), np.append(strata.core, False), shown, (*strata.sources, "")
    )
    kept = np.append(against.kept, 0.0)
    none = np.append(against.loose.repeats, 0.0)
    loose = Solution(np.append(against.loose.distinct, 0.0), none, against.loose.unmet)
    return replace(against, strata=more, wanted=grown, kept=kept, loose=loose)


def _all(wanted: Constraints) -> tuple[Constraint, ...]:
    return (*wanted.sizes, *wanted.ceilings, *wanted.floors)
