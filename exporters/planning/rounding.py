"""Rounding to whole rows: largest remainder, then single rows moved until constraints hold.

The largest remainder keeps the sums of distinct examples and of repeats; ties go to the first
stratum. Floors are then rounded up and ceilings down to whole rows, which may leave a constraint
a few rows short. So rows are moved one or two at a time, always the move that gains most, while
any does; a drop costs more than a repeat, and both cost more the farther they lead from the
fractions. It ends when no move gains anything, with at most a few rows missing a constraint.
Needless repeats and drops are undone to the last row, in larger steps while there are many.
`README.md` explains why this is no integer program.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from goldleaf.exporters.planning.constraints import Constraint

if TYPE_CHECKING:
    from goldleaf.exporters.planning.linear_program import Solution
    from goldleaf.exporters.planning.strata import Bools, Floats, Ints, Strata

SNAP = 1e-4
"""Rows: a solver's number this near a whole number is that number."""

CAP, FLOOR, CEILING, AIM = 100, 30, 20, 10
"""Cost of each row by which a size, a floor, a ceiling or the planned total is missed."""

PAIRS = 60
"""Moves that are tried in pairs, the best first; all pairs of more would be quadratic."""

MAX_REPAIRS = 64
"""Moves that may lower what is missed, and eight more for every constraint and stratum."""

STEPS = 64
"""Needless rows of a stratum are undone in steps of one in so many."""


def rounded(
    strata: Strata,
    found: Solution,
    repeat: int,
    constraints: Sequence[Constraint],
    aim: int | None = None,
) -> tuple[Ints, Ints]:
    """Return distinct examples and repeats of every stratum, in whole rows.

    Args:
        strata: the pool.
        found: the plan in fractions; where it repeats nothing of a stratum that shows no floor,
            nothing is repeated here either.
        repeat: most rows of one example.
        constraints: floors that can be met, ceilings and sizes.
        aim: rows of all together that were planned, where a size bounds them.
    """
    distinct = np.minimum(_largest_remainder(found.distinct), strata.size)
    repeats = np.minimum(_largest_remainder(found.repeats), (repeat - 1) * distinct)
    if not len(strata):
        return distinct, repeats
    whole = np.ones(len(strata), dtype=bool)
    aims = [Constraint("", "", whole, "rows", Fraction(aim), least=True)] if aim is not None else []
    repair = _Repair(
        strata, found, repeat, [*constraints, *aims], weights=_weights(constraints, aims)
    )
    return repair.repaired(distinct, repeats)


def _weights(constraints: Sequence[Constraint], aims: Sequence[Constraint]) -> list[int]:
    weights = [CAP if d.unit == "rows" else FLOOR if d.least else CEILING for d in constraints]
    return weights + [AIM] * len(aims)


def _largest_remainder(fractions: Floats) -> Ints:
    near = np.rint(fractions)
    fractions = np.where(np.abs(fractions - near) < SNAP, near, np.maximum(fractions, 0.0))
    whole = np.floor(fractions).astype(np.int64)
    more = int(np.rint(fractions.sum())) - int(whole.sum())
    order = np.argsort(-(fractions - whole), kind="stable")
    whole[order[: max(more, 0)]] += 1
    return whole


class _Repair:
    """Moves of one row: each changes distinct examples or repeats of one stratum by one."""

    def __init__(
        self,
        strata: Strata,
        found: Solution,
        repeat: int,
        constraints: Sequence[Constraint],
        weights: Sequence[int],
    ) -> None:
        count = len(strata)
        self.size, self.found, self.repeat = strata.size, found, repeat
        self.weights = np.array(weights, dtype=np.int64)
        self.mask = np.array([d.mask for d in constraints], dtype=np.int64).reshape(-1, count)
        none = np.zeros(count, dtype=bool)
        references = [none if d.relative_to is None else d.relative_to for d in constraints]
        self.relative_to = np.array(references, dtype=np.int64).reshape(-1, count)
        self.share = np.array([d.unit == "share" for d in constraints], dtype=np.int64)
        self.one = np.array([d.unit == "rows" for d in constraints], dtype=np.int64)
        self.least = np.array([d.least for d in constraints], dtype=bool)
        self.over = np.array([d.number.numerator for d in constraints], dtype=np.int64)
        self.under = np.array([d.number.denominator for d in constraints], dtype=np.int64)
        self.thinned = found.distinct < strata.size - SNAP
        self.where = np.tile(np.arange(count), 4)
        self.more = np.repeat([1, -1, 0, 0], count)  # distinct examples
        self.again = np.repeat([0, 0, 1, -1], count)  # repeats
        rows = (self.more + self.again)[None, :]
        self.got = self.mask[:, self.where] * rows
        self.basis = (
            self.share[:, None] * rows + self.relative_to[:, self.where] * self.more[None, :]
        )

    def repaired(self, distinct: Ints, repeats: Ints) -> tuple[Ints, Ints]:
        """Return whole rows after every move that lowers what is missed or undoes a row."""
        left = MAX_REPAIRS + 8 * (len(self.weights) + len(self.size))
        missed = self._now(distinct, repeats)
        while left:
            allowed = np.flatnonzero(self._allowed(distinct, repeats))
            chosen = self._best(distinct, repeats, allowed, missed)
            if chosen is None:
                break
            self._make(chosen, distinct, repeats)
            now = self._now(distinct, repeats)
            if now == missed:
                # it ends: each undoing leaves fewer repeats or more distinct examples
                self._undo_more(chosen[0], distinct, repeats, missed)
            else:
                left, missed = left - 1, now
        return distinct, repeats

    def _now(self, distinct: Ints, repeats: Ints) -> int:
        return int(self._missed(distinct, repeats, np.zeros((0, 1), dtype=np.int64))[0])

    def _make(self, moves: Sequence[int], distinct: Ints, repeats: Ints, times: int = 1) -> None:
        for move in moves:
            distinct[self.where[move]] += times * self.more[move]
            repeats[self.where[move]] += times * self.again[move]

    def _undo_more(self, move: int, distinct: Ints, repeats: Ints, missed: int) -> None:
        """Make an undoing move again, many times at once where many rows are left to undo."""
        at = self.where[move]
        left = self.size[at] - distinct[at] if self.more[move] else repeats[at]
        times = int(left) // STEPS if self.more[move] >= 0 else 0
        while times:
            self._make((move,), distinct, repeats, times)
            if self._now(distinct, repeats) == missed:
                break
            self._make((move,), distinct, repeats, -times)
            times //= 2

    def _best(
        self, distinct: Ints, repeats: Ints, allowed: Ints, missed: int
    ) -> tuple[int, ...] | None:
        """Return the move or two that lower most what is missed, else one that undoes a row."""
        if not len(allowed):
            return None
        after = self._missed(distinct, repeats, allowed[None, :])
        cost = self._cost(distinct, repeats)[allowed]
        worth = (after - missed) * 1_000 + cost
        first = int(np.argmin(worth))
        if after[first] < missed:
            return (int(allowed[first]),)
        undoing = np.flatnonzero((after == missed) & (cost < -1))
        if len(undoing):
            return (int(allowed[undoing[np.argmin(cost[undoing])]]),)
        if not missed:
            return None
        near = allowed[np.argsort(worth, kind="stable")[:PAIRS]]
        one, other = (side.ravel() for side in np.meshgrid(near, near, indexing="ij"))
        kept = self.where[one] != self.where[other]
        pairs = np.stack([one[kept], other[kept]])
        if not pairs.shape[1]:
            return None
        after = self._missed(distinct, repeats, pairs)
        costs = self._cost(distinct, repeats)
        worth = (after - missed) * 1_000 + costs[pairs[0]] + costs[pairs[1]]
        best = int(np.argmin(worth))
        return tuple(pairs[:, best].tolist()) if after[best] < missed else None

    def _missed(self, distinct: Ints, repeats: Ints, moves: Ints) -> Ints:
        """Return the weighted rows by which constraints are missed after each column of moves."""
        rows = distinct + repeats
        got = self.mask @ rows
        basis = self.share * rows.sum() + self.one + self.relative_to @ distinct
        gots = got[:, None] + self.got[:, moves].sum(axis=1)
        basiss = basis[:, None] + self.basis[:, moves].sum(axis=1)
        over, under = self.over[:, None], self.under[:, None]
        low = -(-over * basiss // under) - gots
        high = gots - over * basiss // under
        gap = np.maximum(np.where(self.least[:, None], low, high), 0)
        return self.weights @ gap

    def _allowed(self, distinct: Ints, repeats: Ints) -> Bools:
        """Return which moves may be made.

        A stratum that was kept whole is dropped only for an exceeded ceiling or size, and only
        strata of a missed floor are repeated.
        """
        rows = distinct + repeats
        got, total = self.mask @ rows, rows.sum()
        basis = self.share * total + self.one + self.relative_to @ distinct
        exceeded = ~self.least & (got > self.over * basis // self.under)
        short = self.least & (self.one == 0) & (got * self.under < self.over * basis)
        under_one, in_need = (self.mask[which].sum(axis=0) > 0 for which in (exceeded, short))
        may_go = self.thinned | under_one
        return np.concatenate(
            [
                distinct < self.size,
                may_go & (distinct > 0) & (repeats <= (self.repeat - 1) * (distinct - 1)),
                in_need & (repeats < (self.repeat - 1) * distinct),
                repeats > 0,
            ]
        )

    def _cost(self, distinct: Ints, repeats: Ints) -> Floats:
        """Return the cost of every move: drop 4, repeat 2, off the fractions up to 3/4."""
        off, more = distinct - self.found.distinct, repeats - self.found.repeats
        leaving = np.concatenate([off, -off, more, -more])
        return -4.0 * self.more + 2.0 * self.again + np.clip(leaving, -3, 3) / 4
