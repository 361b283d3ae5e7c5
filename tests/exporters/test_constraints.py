"""A recipe as inequalities: which strata count, what a share is of, and whole rows missed."""

from dataclasses import FrozenInstanceError
from fractions import Fraction

import numpy as np
import pytest

from goldleaf.exporters.planning.constraints import Constraint, constraints
from goldleaf.exporters.planning.strata import strata_of
from goldleaf.exporters.rules.rule import Target
from goldleaf.recipes.recipe import Recipe
from goldleaf.recipes.sections import Core, Diverse, Sources, Total


def bools(*values):
    return np.array(values, dtype=bool)


def constraint(unit, number, least, relative_to=None):
    return Constraint("k", "n", bools(1, 0, 0), unit, Fraction(number), least, relative_to)


@pytest.mark.parametrize(
    ("unit", "number", "least", "rows", "gap"),
    [
        ("share", "1/10", True, [1, 9, 0], 0),
        ("share", "1/10", True, [1, 10, 0], 1),  # 1.1 of 11 is rounded up
        ("share", "1/10", True, [0, 31, 0], 4),
        ("share", "1/10", False, [1, 9, 0], 0),
        ("share", "1/10", False, [2, 17, 0], 1),  # 1.9 of 19 is rounded down
        ("share", "1/10", False, [2, 18, 0], 0),
        ("share", "1/10", False, [5, 1, 0], 5),
        ("rows", "7", True, [6, 50, 0], 1),
        ("rows", "7", True, [7, 50, 0], 0),
        ("rows", "7", False, [7, 50, 0], 0),
        ("rows", "7", False, [9, 50, 0], 2),
    ],
)
def test_a_gap_is_whole_rows_minimums_rounded_up_and_maximums_down(unit, number, least, rows, gap):
    nothing = np.zeros(3, dtype=np.int64)
    assert constraint(unit, number, least).gap(nothing, np.array(rows)) == gap


def test_a_contrast_counts_rows_against_distinct_examples_of_its_reference():
    half = constraint("ratio", "1/2", True, bools(0, 1, 0))
    distinct = np.array([2, 5, 90])
    assert half.gap(distinct, np.array([2, 20, 90])) == 1  # 2.5 of 5 distinct ones, not of 20 rows
    assert half.gap(distinct, np.array([3, 20, 90])) == 0
    held = half.in_rows(np.array([2.0, 5.0, 90.0]))
    assert (held.unit, held.number, held.relative_to) == ("rows", Fraction(5, 2), None)
    assert held.gap(np.array([2, 9, 90]), np.array([2, 20, 90])) == 1
    share = constraint("share", "1/2", True)
    assert share.in_rows(np.array([2.0, 5.0, 90.0])) is share


def test_another_number_changes_nothing_else():
    share = constraint("share", "1/2", True)
    other = share.with_number(Fraction(1, 3))
    assert (other.number, other.key, other.unit, other.least) == (
        Fraction(1, 3),
        "k",
        "share",
        True,
    )
    assert share.number == Fraction(1, 2)
    with pytest.raises(FrozenInstanceError):
        share.number = Fraction(1, 3)  # pyright: ignore[reportAttributeAccessIssue]


def pool():
    """Refusals, refusals that are twins too, twins, and others of two sources; some are core."""
    return strata_of(
        [4, 3, 5, 6, 7],
        [[True, True, False, False, False], [False, True, True, False, False]],
        core=[False, False, True, True, False],
        sources=["", "", "", "S2", "S4"],
    )


TWINS = Target("twin", "shares.refusal.twins", "S12", ("twin",), relative_to="refusal", ratio=0.3)


def test_every_bound_of_a_recipe_is_one_constraint_in_its_order():
    recipe = Recipe(
        total=Total(max=20),
        core=Core(size=2, max=9),
        diverse=Diverse(max=12),
        sources=Sources(max=0.4),
    )
    refusal = Target("refusal", "shares.refusal", "S12", ("refusal",), 0.1, 0.3)
    found = constraints(pool(), recipe, [refusal, TWINS])

    floor, contrast = found.floors
    assert (floor.key, floor.name, floor.unit, floor.number, floor.least) == (
        *("shares.refusal.min", "refusal", "share"),
        Fraction(1, 10),
        True,
    )
    assert floor.mask.tolist() == [True, True, False, False, False]
    assert (contrast.key, contrast.name, contrast.unit, contrast.number, contrast.least) == (
        *("shares.refusal.twins", "twin", "ratio"),
        Fraction(3, 10),
        True,
    )
    assert contrast.mask.tolist() == [False, False, True, False, False], "outside its reference"
    assert contrast.relative_to is not None
    assert contrast.relative_to.tolist() == [True, True, False, False, False]

    assert [(c.key, c.name, c.number, c.least) for c in found.ceilings] == [
        ("shares.refusal.max", "refusal", Fraction(3, 10), False),
        ("sources.max", "S2", Fraction(2, 5), False),
        ("sources.max", "S4", Fraction(2, 5), False),
    ]
    assert [c.mask.tolist() for c in found.ceilings[1:]] == [
        [False, False, False, True, False],
        [False, False, False, False, True],
    ]
    assert [(c.key, c.name, c.unit, int(c.number), c.least) for c in found.sizes] == [
        ("total.max", "", "rows", 20, False),
        ("core.max", "", "rows", 9, False),
        ("diverse.max", "", "rows", 12, False),
    ]
    assert [c.mask.tolist() for c in found.sizes] == [
        [True] * 5,
        [False, False, True, True, False],
        [True, True, False, False, True],
    ]


def test_what_a_recipe_does_not_bound_is_no_constraint():
    free = Target("refusal", "shares.refusal", "S12", ("refusal",), 0.0, 1.0)
    twins = Target("twin", "shares.refusal.twins", "S12", ("twin",))
    found = constraints(pool(), Recipe(), [free, twins])
    assert (found.floors, found.ceilings, found.sizes) == ((), (), ())
    # a core without a maximum of its own, and a cap on sources where every example is targeted
    only = strata_of([4], [[True]], sources=[""])
    found = constraints(only, Recipe(core=Core(size=2), sources=Sources(max=0.4)), [free])
    assert (found.floors, found.ceilings, found.sizes) == ((), (), ())
    least = Target("refusal", "shares.refusal", "S12", ("refusal",), 0.000001, 0.999999)
    found = constraints(pool(), Recipe(), [least, twins])
    assert (len(found.floors), len(found.ceilings)) == (1, 1)
