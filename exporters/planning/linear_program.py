"""The linear programs behind a plan, solved by HiGHS through scipy.

For S strata the unknowns are the distinct examples kept `d`, the repeats `r`, the total `T` and,
for each floor that may stay unmet, its missing rows `u`:

    T = sum(d) + sum(r)    0 <= d <= size    0 <= r <= (repeat - 1) * d    constraints

Goals are pursued one after another: each is minimised, then held at its least while the next one is
pursued (lexicographic). `equalize` makes the last choice: of all that is left it takes the solution
in which no stratum gives or takes a larger part of itself than it must, so thinning is alike.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from goldleaf.core.errors import GoldleafError
from goldleaf.exporters.planning.constraints import Constraint
from goldleaf.exporters.planning.strata import Strata

if TYPE_CHECKING:
    from goldleaf.exporters.planning.strata import Bools, Floats

# HiGHS holds a row to 1e-7. With less slack than that its answer to one goal makes the next goal's
# program infeasible in the last digit; with much more, held goals would move by visible rows.
TOLERANCE = 1e-6
"""Rows: what a solver's answer may be off by; ten times its own tolerance."""

SMALL = 20_000
"""Coefficients up to which a dense matrix is faster."""

MAX_LEVELS = 100
"""Levels of `equalize` at most; there are about as many as constraints that bind."""


@dataclass(frozen=True, eq=False, slots=True)
class Solution:
    """In fractions of rows: `distinct` (S), `repeats` (S), `unmet` rows of soft constraints."""

    distinct: Floats
    repeats: Floats
    unmet: Floats

    @property
    def rows(self) -> Floats:
        """Return (S) the rows of every stratum, distinct and repeated; fractions of rows."""
        return self.distinct + self.repeats


class LinearProgram:
    """A linear program over strata that goals tighten step by step.

    Args:
        strata: S strata.
        repeat: the most rows of one example.
        repeatable: (S) whether a stratum may be repeated at all.
        hard: constraints that must hold.
        soft: constraints that may miss rows; each adds one unknown, its missing rows.
    """

    def __init__(
        self,
        strata: Strata,
        repeat: int,
        repeatable: Bools,
        hard: Sequence[Constraint],
        soft: Sequence[Constraint] = (),
    ) -> None:
        self.count, self.strata = len(strata), strata
        self.size = strata.size.astype(float)
        width = 2 * self.count + 1 + len(soft)
        self.low = np.zeros(width)
        spare = np.where(repeatable, (repeat - 1) * self.size, 0.0)
        self.high = np.concatenate([self.size, spare, np.full(1 + len(soft), np.inf)])
        self.below: list[tuple[Floats, float]] = []
        self.total = np.ones(width)
        self.total[2 * self.count :] = 0.0
        self.total[2 * self.count] = -1.0
        for at in np.flatnonzero(repeatable) if repeat > 1 else ():
            row = np.zeros(width)
            row[self.count + at], row[at] = 1.0, 1.0 - repeat
            self.below.append((row, 0.0))
        for constraint in hard:
            self.add(constraint)
        for at, constraint in enumerate(soft):
            self.add(constraint, self.unmet(at))

    def unmet(self, at: int) -> int:
        """Return which unknown says how many rows the soft constraint `at` may miss."""
        return 2 * self.count + 1 + at

    def add(self, constraint: Constraint, unmet: int | None = None) -> None:
        """Add a constraint; `unmet` is the index of the unknown that counts what it may miss."""
        row, bound = self.inequality(constraint)
        if unmet is not None:
            row[unmet] = -1.0
        self.below.append((row, bound))

    def inequality(self, constraint: Constraint) -> tuple[Floats, float]:
        """Return a constraint as (coefficients, bound) of `coefficients * unknowns <= bound`."""
        row, number = np.zeros(len(self.low)), float(constraint.number)
        row[: self.count] += constraint.mask
        row[self.count : 2 * self.count] += constraint.mask
        if constraint.relative_to is not None:
            row[: self.count] -= number * constraint.relative_to
        elif constraint.unit == "share":
            row[2 * self.count] -= number
        bound = number if constraint.unit == "rows" else 0.0
        return (-row, -bound) if constraint.least else (row, bound)

    def fix_distinct(self, distinct: Floats) -> None:
        """Fix how many distinct examples every stratum keeps (S)."""
        self.low[: self.count] = self.high[: self.count] = distinct

    def fix_repeats(self, repeats: Floats) -> None:
        """Fix how many repeats every stratum has (S)."""
        self.low[self.count : 2 * self.count] = repeats
        self.high[self.count : 2 * self.count] = repeats

    def rows_between(self, least: float, most: float) -> None:
        """Bound the total of rows, distinct and repeated; `inf` is no bound."""
        self.low[2 * self.count], self.high[2 * self.count] = least, most

    def cost(self, **weights: Any) -> Floats:
        """Return a goal to minimise: the weight of every unknown, (2 S + 1 + soft constraints,).

        Args:
            weights: `distinct` and `repeats` (a number or (S)), `total`, `unmet` (a number or one
                each soft constraint). What is left out weighs 0; other names are ignored.
        """
        cost, cut = np.zeros(len(self.low)), 2 * self.count
        cost[: self.count] = weights.get("distinct", 0.0)
        cost[self.count : cut] = weights.get("repeats", 0.0)
        cost[cut] = weights.get("total", 0.0)
        cost[cut + 1 :] = weights.get("unmet", 0.0)
        return cost

    def minimize_in_order(self, *goals: Floats) -> Solution | None:
        """Minimise one goal after another and hold each; None where nothing is feasible.

        What is held stays in the program for later calls.
        """
        found: Floats | None = None
        # a goal without a cost is at its best already: no core, or no floor that may stay unmet
        for goal in [goal for goal in goals if goal.any()] or goals[:1]:
            used = np.flatnonzero(goal)
            bounds = np.where(goal > 0, self.low, self.high)[used]
            if found is None or float(goal @ found) > float(goal[used] @ bounds) + TOLERANCE / 10:
                found = self._optimum(goal)
            if found is None:
                return None
            best = float(goal @ found)
            # held a little loosely, relative to its size: a sum of a million rows has fewer digits
            self.below.append((goal, best + TOLERANCE * max(1.0, abs(best) * 1e-3)))
        return None if found is None else self._solution(found)

    def relax(self) -> None:
        """Let every inequality be exceeded by less than a row: for numbers that a solver gave."""
        self.below = [(row, bound + 10 * TOLERANCE) for row, bound in self.below]

    def feasible(self) -> bool:
        """Return whether any plan fulfils the program; soft constraints may miss rows."""
        return self._optimum(self.cost()) is not None

    def fulfilled_by(self, found: Solution) -> bool:
        """Return whether a solution of another program fulfils this one: then none is solved."""
        unknowns = np.concatenate([found.distinct, found.repeats, [float(found.rows.sum())]])
        return bool(
            len(unknowns) == len(self.low)
            and (unknowns >= self.low - TOLERANCE).all()
            and (unknowns <= self.high + TOLERANCE).all()
            and all(float(row @ unknowns) <= bound for row, bound in self.below)
        )

    def repeat_limit(self) -> float | None:
        """Return the least `repeat` that leaves it feasible, where distinct examples are fixed."""
        strata = np.flatnonzero(self.high[self.count : 2 * self.count] > 0)
        rows = np.zeros((len(strata), len(self.low) + 1))
        rows[np.arange(len(strata)), self.count + strata] = 1.0
        rows[:, -1] = -self.high[strata]
        found, _ = self._level(self.below, rows, np.zeros(len(strata)))
        return None if found is None else 1.0 + float(found[-1])

    def equalize(self, *, repeats: bool = False) -> Solution:
        """Choose the solution in which the largest part is least, then the next largest, and so on.

        The parts are dropped examples of a stratum's examples, or with `repeats` a stratum's
        repeats of its distinct examples, which must be fixed by then.
        """
        offset = self.count if repeats else 0
        whole = self.high[: self.count] if repeats else self.size
        open_ = (self.high - self.low)[offset : offset + self.count] > TOLERANCE
        base, width = list(self.below), len(self.low)
        last: Floats | None = None
        for _ in range(MAX_LEVELS):
            strata = np.flatnonzero(open_ & (whole > 0))
            if not len(strata):
                break
            rows = np.zeros((len(strata), width + 1))
            rows[np.arange(len(strata)), offset + strata] = 1.0 if repeats else -1.0
            rows[:, width] = -whole[strata]
            bounds = np.zeros(len(strata)) if repeats else -self.size[strata]
            found, prices = self._level(base, rows, bounds)
            if found is None or prices is None:  # the last digits of held goals leave no room
                break
            last = found[:-1]
            level, part = float(found[-1]), found[offset + strata]
            part = part / whole[strata] if repeats else 1 - part / whole[strata]
            # a stratum with a price holds the level up, so it is fixed at it; the rest may go lower
            stuck = (prices < -1e-9) if level > 1e-9 else np.ones(len(strata), dtype=bool)
            if not stuck.any():  # degenerate: no price at all; then those that are at the level
                stuck = part > level - 1e-9
            fixed = strata[stuck]
            value = level * whole[fixed] if repeats else (1 - level) * whole[fixed]
            value = np.clip(value, self.low[offset + fixed], self.high[offset + fixed])
            self.low[offset + fixed] = np.maximum(value - TOLERANCE, self.low[offset + fixed])
            self.high[offset + fixed] = np.minimum(value + TOLERANCE, self.high[offset + fixed])
            open_[fixed] = False
            if not (part[~stuck] > 1e-9).any():  # the rest is untouched: nothing is left to lower
                break
        if last is None:
            last = self._optimum(self.cost())
        return required(None if last is None else self._solution(last))

    def _solution(self, found: Floats) -> Solution:
        cut = 2 * self.count
        return Solution(found[: self.count], found[self.count : cut], found[cut + 1 :])

    def share_limit(self, mask: Bools, *, most: bool) -> float | None:
        """Return the most, or the least, share of all rows that some strata can have.

        A quotient of two sums becomes linear when all unknowns are multiplied by one more, `1 / T`,
        and the total is set to one (Charnes and Cooper 1962). None where nothing is feasible.
        """
        width, bounded = len(self.low), np.flatnonzero(np.isfinite(self.high))
        rows = [np.append(row, -bound) for row, bound in self.below]
        rows += [-np.append(one, -low) for one, low in zip(np.eye(width), self.low, strict=True)]
        rows += [np.append(np.eye(width)[at], -self.high[at]) for at in bounded]
        goal = np.concatenate([self.cost(distinct=mask, repeats=mask), [0.0]])
        low, high = np.zeros(width + 1), np.full(width + 1, np.inf)
        low[2 * self.count] = high[2 * self.count] = 1.0
        equal = np.append(self.total, 0.0)
        limits = np.array([*[-np.inf] * len(rows), 0.0]), np.zeros(len(rows) + 1)
        found = _solved(-goal if most else goal, np.array([*rows, equal]), limits, (low, high))
        return None if found is None else float(goal @ found)

    def _optimum(self, goal: Floats) -> Floats | None:
        """Return the unknowns that minimise a goal, or None where nothing is feasible."""
        rows = np.array([*(row for row, _ in self.below), self.total])
        most = np.array([*(bound for _, bound in self.below), 0.0])
        least = np.append(np.full(len(self.below), -np.inf), 0.0)
        return _solved(goal, rows, (least, most), (self.low, self.high))

    def _level(
        self, below: list[tuple[Floats, float]], level_rows: Floats, level_bounds: Floats
    ) -> tuple[Floats | None, Floats | None]:
        """Return the unknowns with the least level, itself the last one, and its rows' prices."""
        from scipy.optimize import linprog  # pyright: ignore

        upper = np.array([row for row, _ in below]).reshape(len(below), len(self.low))
        upper = np.vstack([np.pad(upper, ((0, 0), (0, 1))), level_rows])
        done: Any = linprog(
            np.append(self.cost(), 1.0),
            A_ub=_packed(upper),
            b_ub=np.concatenate([[bound for _, bound in below], level_bounds]),
            A_eq=_packed(np.append(self.total, 0.0)[None, :]),
            b_eq=np.zeros(1),
            bounds=np.stack([np.append(self.low, 0.0), np.append(self.high, np.inf)], axis=1),
            method="highs",
        )
        if done.status == INFEASIBLE:
            return None, None
        if done.status != OPTIMAL:
            raise _failed(done.message)
        return done.x, done.ineqlin.marginals[len(below) :]


OPTIMAL, INFEASIBLE = 0, 2
"""How scipy reports that there is an answer, or that there is none."""


def _solved(
    goal: Floats, rows: Floats, sides: tuple[Any, Any], bounds: tuple[Any, Any]
) -> Floats | None:
    """Minimise a goal; `milp` without whole numbers is HiGHS as well, at two thirds of the time."""
    # here, because it takes longer to load than all else of a plan that needs no program
    from scipy.optimize import Bounds, LinearConstraint, milp  # pyright: ignore

    done: Any = milp(
        goal, constraints=LinearConstraint(_packed(rows), *sides), bounds=Bounds(*bounds)
    )
    if done.status == INFEASIBLE:
        return None
    if done.status != OPTIMAL:
        raise _failed(done.message)
    return done.x


def _packed(rows: Floats) -> Any:
    from scipy.sparse import csr_array  # pyright: ignore

    return csr_array(rows) if rows.size > SMALL else rows


def required(found: Solution | None) -> Solution:
    """Return `found`, which must be a solution: keeping nothing at all would be one.

    Raises:
        GoldleafError: the solver found none: a fault of ours.
    """
    if found is None:
        raise _failed("no solution where there is one")
    return found


def _failed(message: str) -> GoldleafError:
    return GoldleafError(
        f"The solver behind the plan stopped: {message}",
        fix="this is a fault in goldleaf; nothing was published; please report it",
    )
