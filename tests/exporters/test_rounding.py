"""Whole rows out of fractions: laws against every move of one or two rows, counted by hand."""

from fractions import Fraction
from itertools import product

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from goldleaf.exporters.planning.constraints import Constraint
from goldleaf.exporters.planning.linear_program import Solution
from goldleaf.exporters.planning.rounding import (
    AIM,
    CAP,
    CEILING,
    FLOOR,
    rounded,
)
from goldleaf.exporters.planning.strata import strata_of


def solution(distinct, repeats):
    return Solution(np.array(distinct, float), np.array(repeats, float), np.zeros(0))


def whole(sizes, distinct, repeats=None, repeat=4, constraints=(), aim=None):
    """Return rows as plain lists: distinct examples and repeats."""
    found = solution(distinct, repeats or [0] * len(sizes))
    got = rounded(strata_of(sizes, [[False] * len(sizes)]), found, repeat, constraints, aim)
    return tuple(side.tolist() for side in got)


def constraint(of, unit, number, least, relative_to=None):
    reference = None if relative_to is None else np.array(relative_to, bool)
    return Constraint("key", "name", np.array(of, bool), unit, Fraction(number), least, reference)


def at_most(rows, count):
    """Return the size that holds a plan back: without one, whatever is there is taken."""
    return constraint([True] * count, "rows", rows, least=False)


def test_the_largest_remainder_keeps_the_sum_and_ties_go_to_the_first():
    eight = [at_most(8, 3)]
    assert whole([9, 9, 9], [2.5, 2.5, 3.0], constraints=eight) == ([3, 2, 3], [0, 0, 0])
    assert whole([9, 9, 9], [2.2, 2.3, 3.5], constraints=eight) == ([2, 2, 4], [0, 0, 0])
    assert whole([9, 9], [2.00005, 3.99995], constraints=[at_most(6, 2)]) == ([2, 4], [0, 0])
    assert whole([9], [-1e-9], constraints=[at_most(0, 1)]) == ([0], [0])
    assert whole([], []) == ([], [])


def test_what_is_there_is_taken_where_nothing_holds_it_back():
    assert whole([3, 2], [1.0, 1.0]) == ([3, 2], [0, 0])


def test_repeats_that_serve_no_floor_are_undone():
    assert whole([4, 5], [4, 5], [1.0, 9.0]) == ([4, 5], [0, 0])


def test_much_that_is_needless_is_undone_to_the_last_row_and_soon():
    assert whole([5, 6], [0, 6], [0, 12.0], repeat=3) == ([5, 6], [0, 0])
    many = 10**9  # row by row this would not end
    assert whole([many, many], [10, many], [0, 2.0 * many]) == ([many, many], [0, 0])
    seven = constraint([True, False], "ratio", 7, True, relative_to=[False, True])
    needed = whole([many, many // 5], [many, many // 5], [1.5 * many, 9], constraints=[seven])
    assert needed == ([many, many // 5], [many * 2 // 5, 0])


def test_rows_that_are_wanted_are_no_reason_to_repeat():
    tenth = constraint([True, False], "share", Fraction(1, 10), least=True)
    assert whole([5, 5], [5, 5], constraints=[tenth], aim=12) == ([5, 5], [0, 0])
    met_by_repeats = constraint([True, False], "share", Fraction(2, 11), least=True)
    found = whole([2, 18], [2, 18], [2, 0], constraints=[met_by_repeats], aim=24)
    assert found == ([2, 18], [2, 0])


def test_a_ceiling_that_is_just_met_is_no_reason_to_drop():
    third = constraint([True, False], "share", Fraction(3, 10), least=True)
    most = constraint([False, True], "rows", 8, least=False)
    assert whole([2, 8], [2, 8], repeat=1, constraints=[third, most]) == ([2, 8], [0, 0])


def test_never_more_than_there_is_or_than_an_example_may_repeat():
    assert whole([2], [2.6]) == ([2], [0])
    nine = [constraint([False, True], "ratio", 9, True, relative_to=[True, False])]
    assert whole([1, 2], [1, 2], [0, 9], repeat=3, constraints=nine) == ([1, 2], [0, 4])
    assert whole([1, 2], [1, 2], [0, 9], repeat=1, constraints=nine) == ([1, 2], [0, 0])


def test_a_floor_gets_the_row_it_lacks_and_a_ceiling_loses_the_one_too_many():
    tenth = constraint([True, False], "share", Fraction(1, 10), least=True)
    assert whole([5, 100], [5, 100], [6.1, 0], constraints=[tenth]) == ([5, 100], [7, 0])
    third = constraint([True, False], "share", Fraction(3, 10), least=False)
    assert whole([40, 10], [4.6, 10], constraints=[third]) == ([4, 10], [0, 0])
    most = constraint([True, True], "rows", 14, least=False)
    assert whole([40, 40], [7.5, 7.4], constraints=[most]) == ([7, 7], [0, 0])


def test_a_contrast_counts_the_distinct_examples_beside_it():
    half = constraint([False, True], "ratio", Fraction(1, 2), True, relative_to=[True, False])
    assert whole([21, 4], [21, 4], [0, 6.0], constraints=[half]) == ([21, 4], [0, 7])


def test_rows_that_were_planned_are_reached():
    assert whole([40, 40], [7.2, 7.2], constraints=[at_most(15, 2)], aim=15) == ([8, 7], [0, 0])


@st.composite
def cases(draw):
    count = draw(st.integers(1, 3))
    sizes = draw(st.lists(st.integers(0, 6), min_size=count, max_size=count))
    repeat = draw(st.integers(1, 3))
    part = st.integers(0, 20).map(lambda n: n / 20)
    distinct = [size * draw(part) for size in sizes]
    repeats = [(repeat - 1) * d * draw(part) for d in distinct]
    flags = st.lists(st.booleans(), min_size=count, max_size=count)
    constraints = []
    for _ in range(draw(st.integers(0, 3))):
        unit = draw(st.sampled_from(["share", "ratio", "rows"]))
        number = Fraction(draw(st.integers(1, 9)), 10 if unit != "rows" else 1)
        reference = draw(flags) if unit == "ratio" else None
        constraints.append(constraint(draw(flags), unit, number, draw(st.booleans()), reference))
    aim = draw(st.none() | st.integers(0, 12))
    return sizes, distinct, repeats, repeat, constraints, aim


def weighed(constraints, aim, distinct, repeats):
    """Return what is missed, every constraint by its weight."""
    rows = distinct + repeats
    total = 0
    for d in constraints:
        weight = CAP if d.unit == "rows" else FLOOR if d.least else CEILING
        total += weight * d.gap(distinct, rows)
    return total + (AIM * max(0, aim - int(rows.sum())) if aim is not None else 0)


def moves(case, distinct, repeats):
    """Yield every move that is allowed, with what it costs, in the docstring's own words."""
    sizes, fractions, repeated, repeat, constraints, _ = case
    rows = distinct + repeats
    asked = [d for d in constraints if d.gap(distinct, rows)]
    for at, size in enumerate(sizes):
        thinned = fractions[at] < size - 1e-4
        over = any(d.mask[at] for d in asked if not d.least)
        needed = any(d.mask[at] for d in asked if d.least and d.unit != "rows")
        off = distinct[at] - fractions[at]
        more = repeats[at] - repeated[at]
        steps = [
            (1, 0, off - 4 * 4, distinct[at] < size),
            (
                -1,
                0,
                -off + 4 * 4,
                (thinned or over)
                and distinct[at] > 0
                and repeats[at] <= (repeat - 1) * (distinct[at] - 1),
            ),
            (0, 1, more + 2 * 4, needed and repeats[at] < (repeat - 1) * distinct[at]),
            (0, -1, -more - 2 * 4, repeats[at] > 0),
        ]
        for one, again, cost, allowed in steps:
            if allowed:
                leaving = {1: off, -1: -off}.get(one, more if again == 1 else -more)
                yield at, one, again, (cost - leaving + max(-3.0, min(3.0, leaving))) / 4


def after(state, *chosen):
    distinct, repeats = (side.copy() for side in state)
    for at, one, again, _ in chosen:
        distinct[at] += one
        repeats[at] += again
    return distinct, repeats


@settings(max_examples=400, deadline=None)
@given(cases())
def test_no_move_of_one_or_two_rows_would_be_better(case):
    sizes, fractions, repeated, repeat, constraints, aim = case
    strata = strata_of(sizes, [[False] * len(sizes)])
    state = rounded(strata, solution(fractions, repeated), repeat, constraints, aim)
    distinct, repeats = state
    assert (distinct >= 0).all() and (distinct <= strata.size).all()
    assert (repeats >= 0).all() and (repeats <= (repeat - 1) * distinct).all()
    missed = weighed(constraints, aim, *state)
    possible = list(moves(case, *state))
    for move in possible:
        then = weighed(constraints, aim, *after(state, move))
        assert then >= missed
        assert not (then == missed and move[3] < -1 - 1e-9)
    for first, second in product(possible, possible):
        if first[0] != second[0]:
            assert weighed(constraints, aim, *after(state, first, second)) >= missed


@settings(max_examples=200, deadline=None)
@given(cases())
def test_whole_rows_that_miss_nothing_stay(case):
    sizes, fractions, repeated, repeat, constraints, aim = case
    distinct = np.floor(fractions).astype(np.int64)
    repeats = np.minimum(np.floor(repeated).astype(np.int64), (repeat - 1) * distinct)
    if weighed(constraints, aim, distinct, repeats):
        return
    found = solution(distinct, repeats)
    got = rounded(strata_of(sizes, [[False] * len(sizes)]), found, repeat, constraints, aim)
    if not repeats.any():
        assert (got[0] >= distinct).all()
    assert weighed(constraints, aim, *got) == 0
