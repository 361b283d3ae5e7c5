"""Conflicts: why targets cannot all be met, and the least change of each number that resolves it.

The members of a system (`goldleaf.exporters.planning.system`) are linear, so removing members never
makes a feasible set infeasible. A deletion filter therefore ends with an irreducible set:
infeasible, and feasible without any one of its members (Chinneck and Dravnieks 1991). It tries
members in a fixed order, so that the unmet floor, `repeat.max` and `keep` are named before others.

The least change of a number is found by bisection, against all members but the floors of other
conflicts, so that it resolves the whole plan; where no value does, against this conflict alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from math import ceil, floor

import numpy as np

from goldleaf.exporters.planning.constraints import Constraint, Constraints
from goldleaf.exporters.planning.linear_program import TOLERANCE, Solution
from goldleaf.exporters.planning.results import Change, Conflict
from goldleaf.exporters.planning.strata import Strata
from goldleaf.exporters.planning.system import KEEP, LEAST, MOST_REPEATS, REPEAT, System

GRAIN = 10_000
"""Least changes of shares and ratios are found to one part in so many."""

MOST_ROWS = 2**40
"""Rows above which no change is searched for; exact as a float."""


def conflicts(system: System) -> tuple[Conflict, ...]:
    """Return every irreducible conflict of a system with its least changes; none if feasible."""
    if not system.strata.size.sum():
        return ()
    found: list[tuple[str, tuple[str, ...]]] = []
    left = system.members()
    for key in left[::-1]:
        alone = [other for other in left if other == key or other not in system.unmet]
        if key in system.unmet and not system.feasible(alone):
            found.append((key, _irreducible(system, alone)))
    left = [key for key in left if key not in dict(found)]
    while not system.feasible(left):  # floors that can be met alone and not together
        members = _irreducible(system, left)
        blamed = _blamed(system, members)
        found.append((blamed, members))
        left = [key for key in left if key != blamed]
    explained: list[Conflict] = []
    for blamed, members in found:
        others = {key for key, _ in found} - {blamed} - set(members)
        context = tuple(key for key in system.members() if key not in others)
        explained.append(Conflict(members, tuple(_changes(system, members, context))))
    return tuple(explained)


def _irreducible(system: System, members: Sequence[str]) -> tuple[str, ...]:
    """Return an irreducible part of infeasible members: without any one of it, it is feasible."""
    left = list(members)
    for key in members:
        without = [other for other in left if other != key]
        if not system.feasible(without):
            left = without
    return tuple(left[::-1])


def _blamed(system: System, members: Sequence[str]) -> str:
    """Return the member that the conflict is about: its first floor, else what is first."""
    floors = {constraint.key for constraint in system.wanted.floors}
    return next((key for key in members if key in floors), members[0])


def _changes(system: System, members: Sequence[str], context: Sequence[str]) -> Iterator[Change]:
    named = {d.key: d for d in _all(system.wanted)}
    for key in members:
        if key == KEEP:
            continue
        whole = [c for c in (context, members) if system.feasible([k for k in c if k != key])]
        change = _number(system, key, named.get(key))
        if whole:
            change = _least_change(
                change,
                lambda to, k=key, c=whole[0]: _with(system, c, k, to),
                _guess(system, change, named.get(key), whole[0]),
            )
        yield change.change()
    for key in members:
        constraint = named.get(key)
        if (
            constraint is not None
            and constraint.unit != "rows"
            and constraint.name
            and key != "sources.max"
        ):
            yield _examples(system, constraint, members, context)


@dataclass(frozen=True)
class _Number:
    """A number of the recipe in steps of `1 / grain`, searched from `was` towards `end`."""

    key: str
    unit: str
    was: int
    end: int
    grain: int = 1
    to: int | None = None

    def change(self) -> Change:
        value = None if self.to is None else self.to / self.grain
        return Change(self.key, self.unit, self.was / self.grain, value)


def _number(system: System, key: str, constraint: Constraint | None) -> _Number:
    if key == REPEAT:
        return _Number(key, "times", system.repeat, MOST_REPEATS)
    if constraint is None:
        return _Number(key, "rows", ceil(system.least or 0), 0)
    if constraint.unit == "rows":
        return _Number(key, "rows", int(constraint.number), MOST_ROWS)
    end = 0 if constraint.least else GRAIN
    return _Number(key, constraint.unit, round(constraint.number * GRAIN), end, GRAIN)


def _guess(
    system: System, number: _Number, constraint: Constraint | None, members: Sequence[str]
) -> int | None:
    """Return about how many steps resolve a share: the nearest one that others leave possible.

    Likewise for `repeat.max`, where distinct examples are fixed.
    """
    if number.key == REPEAT and KEEP in members and system.total is None:
        most = system.program([key for key in members if key != REPEAT], {}).repeat_limit()
        return None if most is None else ceil(most - TOLERANCE) - number.was
    if constraint is None or constraint.unit != "share":
        return None
    others = system.program([key for key in members if key != number.key], {})
    limit = others.share_limit(constraint.mask, most=constraint.least)
    if limit is None:
        return None
    steps = limit * number.grain
    return number.was - floor(steps) if constraint.least else ceil(steps) - number.was


def _least_change(
    number: _Number, resolves: Callable[[Fraction], bool], guess: int | None = None
) -> _Number:
    """Return a number with the nearest step that resolves; without one where none does."""
    way, span = (1 if number.end > number.was else -1), abs(number.end - number.was)

    def holds(steps: int) -> bool:
        return resolves(Fraction(number.was + way * steps, number.grain))

    # a short way is halved from its end, a long one (rows) from its beginning in doubled steps; a
    # guess is nearly always right, and wherever it is wrong the same doubled steps lead from it
    resolving = span if span <= GRAIN else 1
    if guess is not None:
        resolving = min(max(guess, 1), span)
    failing, step = resolving - 1 if guess is not None else 0, 1
    while failing > 0 and holds(failing):
        resolving, failing, step = failing, max(failing - step, 0), 2 * step
    while resolving < span and not holds(resolving):
        failing, resolving, step = resolving, min(resolving + step, span), 2 * step
    if resolving >= span and not holds(span):
        return number
    while resolving - failing > 1:
        middle = (resolving + failing) // 2
        resolving, failing = (middle, failing) if holds(middle) else (resolving, middle)
    return _Number(
        *(number.key, number.unit, number.was, number.end, number.grain),
        number.was + way * resolving,
    )


def _with(system: System, members: Sequence[str], key: str, number: Fraction) -> bool:
    return system.feasible(members, {key: number})


def _examples(
    system: System, constraint: Constraint, members: Sequence[str], context: Sequence[str]
) -> Change:
    """Return how many more examples resolve it: of the target, or of no target for a ceiling.

    Contrasts relative to the target are left out: they have conflicts of their own.
    """
    name = constraint.name if constraint.least else "other"
    contrasts = {d.key for d in system.wanted.floors if _is_contrast_to(d, constraint)}
    for tried in (set(context) - contrasts, {*members, KEEP, LEAST, REPEAT}):
        program = _with_more(system, constraint).program(list(tried), {})
        at = len(system.strata)
        program.low[at], program.high[at] = 0.0, float(MOST_ROWS)
        program.high[2 * at + 1] = float(MOST_ROWS) * (constraint.least and system.repeat > 1)
        goal = program.cost()
        goal[at] = 1.0
        found = program.minimize_in_order(goal)
        if found is not None:
            more = max(1, ceil(float(found.distinct[at]) - TOLERANCE * 10))
            return Change(f"examples.{name}", "examples", 0, more)
    return Change(f"examples.{name}", "examples", 0, None)


def _is_contrast_to(contrast: Constraint, constraint: Constraint) -> bool:
    """Return whether a contrast is measured by what a floor is about."""
    reference = contrast.relative_to
    return (
        reference is not None
        and constraint.least
        and contrast is not constraint
        and bool((reference == constraint.mask).all())
    )


def _with_more(system: System, constraint: Constraint) -> System:
    """Return the system with one more stratum, still empty, that shows this target and no other."""
    strata, wanted = system.strata, system.wanted

    def longer(other: Constraint) -> Constraint:
        new = (constraint.least and other.name == constraint.name) or other.key == "total.max"
        new = bool(new or other.key == "diverse.max")
        reference = other.relative_to
        if reference is not None:
            about = {d.key: d for d in wanted.floors}.get(constraint.key)
            same = about is not None and constraint.least and np.array_equal(reference, about.mask)
            reference = np.append(reference, same)
        return replace(other, mask=np.append(other.mask, new), relative_to=reference)

    grown = Constraints(
        tuple(map(longer, wanted.floors)),
        tuple(map(longer, wanted.ceilings)),
        tuple(map(longer, wanted.sizes)),
    )
    shown = np.pad(strata.shows, ((0, 0), (0, 1)))
    more = Strata(
        np.append(strata.size, 0), np.append(strata.core, False), shown, (*strata.sources, "")
    )
    kept = np.append(system.kept, 0.0)
    none = np.append(system.unsized.repeats, 0.0)
    unsized = Solution(np.append(system.unsized.distinct, 0.0), none, system.unsized.unmet)
    return replace(
        system, strata=more, wanted=grown, kept=kept, unsized=unsized, planned=None, known={}
    )


def _all(wanted: Constraints) -> tuple[Constraint, ...]:
    return (*wanted.sizes, *wanted.ceilings, *wanted.floors)
