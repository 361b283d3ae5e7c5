"""Plans that constraints over disjoint strata decide: solved in closed form, without a program.

Where the best plan under some constraints alone also fulfils all others, it is the best under all
of them, because each further constraint only takes plans away. Where the masks of those some share
no example, the rows of each are `number * total`, and the total follows from their sum. Nearly
every turn of dropping and repeating is of this kind; for the rest the caller solves a program.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from goldleaf.exporters.planning.constraints import Constraint
from goldleaf.exporters.planning.linear_program import TOLERANCE, Solution
from goldleaf.exporters.planning.strata import Strata

if TYPE_CHECKING:
    from goldleaf.exporters.planning.strata import Floats

SLACK = 10 * TOLERANCE
"""Rows: what a program whose bounds are a solver's numbers lets pass (`LinearProgram.relax`)."""


def gap(constraint: Constraint, distinct: Floats, rows: Floats) -> float:
    """Return by how many rows, in fractions, a constraint is missed; negative where it is met."""
    got, number = float(rows[constraint.mask].sum()), float(constraint.number)
    if constraint.relative_to is not None:
        number *= float(distinct[constraint.relative_to].sum())
    elif constraint.unit == "share":
        number *= float(rows.sum())
    return number - got if constraint.least else got - number


def dropped_alone(
    strata: Strata, ceilings: Sequence[Constraint], repeats: Floats, repeat: int
) -> Floats | None:
    """Return (S) the most distinct examples under ceilings, if disjoint ones decide it.

    Args:
        strata: the pool.
        ceilings: most shares of all rows.
        repeats: (S) repeats, which stay as they are.
        repeat: most rows of one example.
    """
    size = strata.size.astype(float)
    distinct, binding = size, list[int]()
    while True:
        gaps = [gap(constraint, distinct, distinct + repeats) for constraint in ceilings]
        over = int(np.argmax(gaps))  # the one exceeded most often settles others with it
        if gaps[over] <= TOLERANCE / 10:
            return None if (repeats > (repeat - 1) * distinct + TOLERANCE).any() else distinct
        rows = _settled([ceilings[at] for at in (*binding, over)], size, size + repeats)
        if rows is None or over in binding:
            return None
        binding.append(over)
        distinct = size.copy()
        for at, most in zip(binding, rows, strict=True):
            mask = ceilings[at].mask
            drop = float((size + repeats)[mask].sum()) - most
            for part in (mask & ~strata.core, mask & strata.core):  # core last
                there = float(size[part].sum())
                if there > 0 and drop > 0:
                    distinct[part] *= 1 - min(drop, there) / there
                    drop -= min(drop, there)
            if drop > 0:
                return None


def repeated_alone(
    floors: Sequence[Constraint], hard: Sequence[Constraint], distinct: Floats, repeat: int
) -> Solution | None:
    """Return the fewest repeats that bring floors as near as possible, if disjoint ones decide it.

    Args:
        floors: least shares and contrasts; they may stay unmet.
        hard: what must not be exceeded.
        distinct: (S) examples, which stay as they are.
        repeat: most rows of one example.
    """
    repeats, binding, capped = distinct * 0, list[int](), False
    there = [float(distinct[floor.mask].sum()) for floor in floors]
    vain = [at for at, rows in enumerate(there) if not rows]  # nothing to repeat
    while True:
        gaps = np.array([gap(floor, distinct, distinct + repeats) for floor in floors])
        open_ = [at for at in range(len(floors)) if at not in vain and gaps[at] > SLACK]
        if capped or not open_:
            break
        short = max(open_, key=lambda at: gaps[at])
        rows = _settled([floors[at] for at in (*binding, short)], distinct, distinct)
        if short in binding or rows is None:
            return None
        binding.append(short)
        often = [least / there[at] - 1 for at, least in zip(binding, rows, strict=True)]
        capped = max(often) > repeat - 1
        if capped and len(binding) > 1:  # each of them leaves the other farther behind
            return None
        for at, times in zip(binding, often, strict=True):
            repeats[floors[at].mask] = min(times, repeat - 1.0) * distinct[floors[at].mask]
    # a repeat that leaves others farther behind than it brings its own floor on is no gain
    shares = sum(float(floors[at].number) for at in {*binding, *vain} if floors[at].unit == "share")
    missed = set(open_) - set(binding[:1] if capped else ())
    rows = distinct + repeats
    if missed or (binding and shares >= 1) or any(gap(d, distinct, rows) > SLACK for d in hard):
        return None
    return Solution(distinct, repeats, np.maximum(gaps, 0.0))


def _settled(binding: Sequence[Constraint], distinct: Floats, rows: Floats) -> list[float] | None:
    """Return how many rows each constraint has where all are just met; None where they cannot be.

    With shares p of the total T, which is R without their rows, T = R + sum(p) T.
    """
    shown = np.sum([constraint.mask & (distinct > 0) for constraint in binding], axis=0)
    shares = sum(float(d.number) for d in binding if d.relative_to is None)
    if (shown > 1).any() or shares >= 1:
        return None
    fixed = {
        at: float(d.number) * float(distinct[d.relative_to].sum())
        for at, d in enumerate(binding)
        if d.relative_to is not None
    }
    total = (float(rows[shown == 0].sum()) + sum(fixed.values())) / (1 - shares)
    return [fixed.get(at, float(d.number) * total) for at, d in enumerate(binding)]
