"""The planner: exact for stocks that share no examples, and never beyond what it may do."""

from fractions import Fraction
from itertools import product
from math import ceil, floor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from goldleaf.exporters.plan import Stock, plan


def share(text):
    return Fraction(text)


def rows(stocks, limit=None, repeat=4):
    return {name: portion.rows for name, portion in plan(stocks, limit, repeat).items()}


REFUSAL = Stock("refusal", 50, low=share("0.1"), high=share("0.3"))


@pytest.mark.parametrize(
    ("stocks", "limit", "expected"),
    [
        ([], None, {}),
        ([Stock("rest", 0)], 3, {"rest": 0}),
        # 112 of 1,112 is just above a tenth, 111 of 1,111 just below
        ([REFUSAL, Stock("rest", 1000)], None, {"refusal": 112, "rest": 1000}),
        # nothing to repeat or drop
        ([REFUSAL, Stock("rest", 300)], None, {"refusal": 50, "rest": 300}),
        # 42 of 142 is just below the ceiling
        (
            [Stock("refusal", 400, high=share("0.3")), Stock("rest", 100)],
            None,
            {"refusal": 42, "rest": 100},
        ),
        # nothing stands beside: the ceiling is put aside
        ([Stock("refusal", 400, high=share("0.3"))], None, {"refusal": 400}),
        # four times and no more
        (
            [Stock("refusal", 10, low=share("0.5")), Stock("rest", 100)],
            None,
            {"refusal": 40, "rest": 100},
        ),
        (
            [Stock(n, 100, low=share("0.3")) for n in ("a", "b")] + [Stock("rest", 200)],
            None,
            {"a": 150, "b": 150, "rest": 200},
        ),
        # half as many rows as there are distinct refusals, however often these are repeated
        (
            [
                Stock("refusal", 20, low=share("0.2")),
                Stock("twin", 4, beside="refusal", ratio=share("0.5")),
                Stock("rest", 190),
            ],
            None,
            {"refusal": 50, "twin": 10, "rest": 190},
        ),
        # a ceiling on the total thins all alike, but never below a floor or into the core
        (
            [REFUSAL, Stock("tool", 1000), Stock("rest", 9000, core=700)],
            1000,
            {"refusal": 100, "tool": 22, "rest": 878},
        ),
        (
            [Stock("a", 100, core=100), Stock("rest", 300, core=300)],
            100,
            {"a": 25, "rest": 75},
        ),
        # a source cap is a ceiling like any other
        (
            [Stock("rest S2", 1000, high=share("0.8")), Stock("rest S4", 10, high=share("0.8"))],
            None,
            {"rest S2": 40, "rest S4": 10},
        ),
        # 30 of the refusals are dialogues, too
        (
            [
                Stock("refusal", 100, low=share("0.3"), also={"dialogue": 30}),
                Stock("dialogue", 10, low=share("0.2")),
                Stock("rest", 200),
            ],
            None,
            {"refusal": 102, "dialogue": 38, "rest": 200},
        ),
    ],
)
def test_golden(stocks, limit, expected):
    assert rows(stocks, limit) == expected


SHARES = st.sampled_from(["0", "0.05", "0.1", "0.25", "0.3"]).map(share)
HIGHS = st.sampled_from(["0.3", "0.5", "1"]).map(share)


@st.composite
def stocks(draw):
    named = [
        Stock(f"t{n}", draw(st.integers(0, 40)), low=draw(SHARES), high=draw(HIGHS))
        for n in range(draw(st.integers(0, 3)))
    ]
    if named and draw(st.booleans()):
        ratio = draw(st.sampled_from(["0.5", "1"]).map(share))
        named.append(Stock("twin", draw(st.integers(0, 10)), beside="t0", ratio=ratio))
    rest = draw(st.integers(1, 60))
    return [*named, Stock("rest", rest, core=draw(st.integers(0, rest)))]


@settings(max_examples=200, deadline=None)
@given(stocks(), st.integers(1, 4), st.none() | st.integers(1, 120))
def test_laws(stocks_, repeat, limit):
    planned = plan(stocks_, limit, repeat)
    total = sum(portion.rows for portion in planned.values())
    assert planned == plan(stocks_, limit, repeat)
    for stock in stocks_:
        portion = planned[stock.name]
        assert 0 <= portion.rows <= stock.examples * repeat
        assert 0 <= portion.kept <= stock.examples
        wanted = ceil(stock.low * total)
        if stock.beside:
            beside = next(s for s in stocks_ if s.name == stock.beside)
            wanted = ceil(stock.ratio * min(planned[stock.beside].rows, beside.examples))
        # a floor is met unless every example is repeated as often as may be
        assert portion.rows >= min(wanted, stock.examples * repeat)
        # a ceiling holds but for a floor that wins, or where the limit leaves nothing beside
        if planned["rest"].kept:
            assert portion.rows <= max(floor(stock.high * total), wanted)
        # nothing is repeated for nothing
        assert portion.rows <= max(stock.examples, wanted)
    assert planned["rest"].rows <= stocks_[-1].examples
    if limit is None:
        assert all(
            portion.kept == s.examples for portion, s in zip(planned.values(), stocks_, strict=True)
        )
        assert planned["rest"].rows == stocks_[-1].examples


@settings(max_examples=60, deadline=None)
@given(
    st.integers(1, 6),
    st.integers(0, 6),
    st.integers(0, 6),
    SHARES,
    SHARES,
    HIGHS,
    st.integers(1, 3),
)
def test_against_every_possible_plan(rest, one, two, low_one, low_two, high, repeat):
    """Small enough to try all: bounds that can be met are, nearest to what is there."""
    given_ = [
        Stock("a", one, low=low_one, high=max(high, low_one)),
        Stock("b", two, low=low_two),
        Stock("rest", rest),
    ]
    found = rows(given_, repeat=repeat)

    def holds(a, b):
        total = a + b + rest
        for stock, row in zip(given_, (a, b), strict=False):
            low, high = ceil(stock.low * total), floor(stock.high * total)
            if not (low <= row <= high and row == max(low, min(stock.examples, high))):
                return False
        return True

    possible = [
        (a, b) for a, b in product(range(one * repeat + 1), range(two * repeat + 1)) if holds(a, b)
    ]
    if not holds(found["a"], found["b"]):
        total = sum(found.values())
        torn = any(ceil(s.low * total) > floor(s.high * total) for s in given_)
        # no room between floor and ceiling in whole rows, or no row given up for another's share
        assert torn or all(total > a + b + rest for a, b in possible), (found, possible)
    elif possible:
        mine = abs(found["a"] - one) + abs(found["b"] - two)
        assert mine <= min(abs(a - one) + abs(b - two) for a, b in possible) + 1
