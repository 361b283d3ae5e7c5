"""Plans that one constraint decides: solved in closed form, without a linear program.

Where the best plan under one constraint alone also fulfils all others, it is the best under all of
them, because each further constraint only takes plans away. Nearly every turn of dropping and
repeating is of this kind; where another constraint is in the way, the caller solves its program.
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
    got = float(rows[constraint.mask].sum())
    wanted = float(constraint.number) * _basis(constraint, distinct, rows)
    return wanted - got if constraint.least else got - wanted


def one_ceiling(
    strata: Strata, ceilings: Sequence[Constraint], repeats: Floats, repeat: int
) -> Floats | None:
    """Return (S) the most distinct examples under ceilings, if one of them decides it alone.

    Args:
        strata: the pool.
        ceilings: most shares of all rows.
        repeats: (S) repeats, which stay as they are.
        repeat: most rows of one example.
    """
    size = strata.size.astype(float)
    rows = size + repeats
    over = [gap(constraint, size, rows) for constraint in ceilings]
    worst = ceilings[int(np.argmax(over))]
    share, mask = float(worst.number), worst.mask
    if share >= 1:
        return None
    # (rows of the mask - x) = share * (all rows - x)
    drop = max(over) / (1 - share)
    distinct = size.copy()
    for part in (mask & ~strata.core, mask & strata.core):  # core last
        there = float(size[part].sum())
        if there > 0:
            distinct[part] *= 1 - min(drop, there) / there
            drop -= min(drop, there)
    if drop > 0 or (repeats > (repeat - 1) * distinct + TOLERANCE).any():
        return None
    if any(gap(other, distinct, distinct + repeats) > TOLERANCE / 10 for other in ceilings):
        return None
    return distinct


def one_floor(
    floors: Sequence[Constraint], hard: Sequence[Constraint], distinct: Floats, repeat: int
) -> Solution | None:
    """Return the fewest repeats that bring floors as near as possible, if one decides it alone.

    Args:
        floors: least shares and contrasts; they may stay unmet.
        hard: what must not be exceeded.
        distinct: (S) examples, which stay as they are.
        repeat: most rows of one example.
    """
    short = [gap(constraint, distinct, distinct) for constraint in floors]
    repeats, at = distinct * 0, int(np.argmax(short)) if short else 0
    if short and short[at] > SLACK:
        floor = floors[at]
        there = float(distinct[floor.mask].sum())
        rest = 1 - float(floor.number) if floor.unit == "share" else 1.0
        often = repeat - 1.0
        if there > 0 and short[at] < often * rest * there:
            often = short[at] / rest / there
        repeats[floor.mask] = often * distinct[floor.mask]
    unmet = np.array([max(0.0, gap(floor, distinct, distinct + repeats)) for floor in floors])
    exceeded = any(gap(other, distinct, distinct + repeats) > SLACK for other in hard)
    if exceeded or any(rows > SLACK for other, rows in enumerate(unmet) if other != at):
        return None
    return Solution(distinct, repeats, unmet)


def _basis(constraint: Constraint, distinct: Floats, rows: Floats) -> float:
    if constraint.relative_to is not None:
        return float(distinct[constraint.relative_to].sum())
    return float(rows.sum()) if constraint.unit == "share" else 1.0
