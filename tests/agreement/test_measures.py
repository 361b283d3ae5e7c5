"""Agreement of annotators, against published worked examples and other people's programs."""

import time

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from goldleaf.agreement.control_answers import control_answer_schema
from goldleaf.agreement.krippendorff_alpha import krippendorff_alpha
from goldleaf.agreement.measures import agreement_by_control, agreement_by_pair

# Krippendorff, "Computing Krippendorff's Alpha-Reliability" (2011), section C and its results.
OBSERVERS = [
    "1 2 3 3 2 1 4 1 2 . . .",
    "1 2 3 3 2 2 4 1 2 5 . 3",
    ". 3 3 3 2 3 4 2 2 5 1 .",
    "1 2 3 3 2 4 4 1 2 5 1 .",
]
# The same paper, section B: two observers, ten objects, two values.
TWO = ["0 1 0 0 0 0 0 0 1 0", "1 1 1 0 0 1 0 0 0 0"]


def cells(observers):
    found = [
        (who, item, int(value))
        for who, line in enumerate(observers)
        for item, value in enumerate(line.split())
        if value != "."
    ]
    return np.array(found).T


def answers(rows):
    """Return a table of answers: (annotator, task, control, scale, value, rank)."""
    empty = dict.fromkeys(control_answer_schema(), None) | {"state": "submitted", "place": -1}
    empty |= {"kind": "k/1", "reason": "", "model": "", "change": "written"}
    names = ("annotator", "task_hash", "control", "scale", "value", "rank")
    made = [empty | dict(zip(names, row, strict=True)) for row in rows]
    return pl.DataFrame(made, schema=control_answer_schema(), orient="row")


@pytest.mark.parametrize(
    ("observers", "ordinal", "published"),
    [(TWO, False, 0.095), (OBSERVERS, False, 0.743), (OBSERVERS, True, 0.815)],
)
def test_published_worked_examples(observers, ordinal, published):
    _, items, values = cells(observers)
    assert krippendorff_alpha(items, values, ordinal=ordinal).value == pytest.approx(
        published, abs=5e-4
    )


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**6), st.integers(2, 5), st.integers(2, 6), st.booleans())
def test_equal_to_the_package_krippendorff(seed, people, domain, ordinal):
    package = pytest.importorskip("krippendorff")
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, domain, 30)
    table = np.where(rng.random((people, 30)) < 0.6, truth, rng.integers(0, domain, (people, 30)))
    table = np.where(rng.random((people, 30)) < 0.3, np.nan, table.astype(float))
    who, items = np.nonzero(~np.isnan(table))
    values = table[who, items].astype(int)
    found = krippendorff_alpha(items, values, ordinal=ordinal).value
    shared = table[:, (~np.isnan(table)).sum(axis=0) > 1]
    if found is None:
        assert len(np.unique(shared[~np.isnan(shared)])) < 2
        return
    level = "ordinal" if ordinal else "nominal"
    expected = package.alpha(reliability_data=table, level_of_measurement=level)
    assert found == pytest.approx(expected, abs=1e-9)


def test_nothing_shared_and_one_value_only():
    assert krippendorff_alpha(np.array([0, 1]), np.array([0, 1]), ordinal=False).value is None
    assert krippendorff_alpha(np.array([0, 0]), np.array([3, 3]), ordinal=True).value is None
    assert agreement_by_control(answers([])).height == 0
    assert agreement_by_pair(answers([("p", 1, "c", "nominal", "a", None)])).height == 0


def test_pairs_of_people_and_values_outside_the_order():
    said = {"ann": "a a b both_bad", "bob": "a b b both_bad", "cas": "a . . b"}
    ranks = {"a": 0.0, "b": -1.0}
    rows = [
        (who, task, "decision", "ordinal", value, ranks.get(value))
        for who, line in said.items()
        for task, value in enumerate(line.split())
        if value != "."
    ]
    table = answers(rows)
    pairs = agreement_by_pair(table)
    assert pairs.select("one", "other", "items", "percent").rows() == [
        ("ann", "bob", 4, 0.75),
        ("ann", "cas", 2, 0.5),
        ("bob", "cas", 2, 0.5),
    ]
    (control,) = agreement_by_control(table).rows(named=True)
    assert (control["items"], control["answers"], control["annotators"]) == (4, 10, 3)
    # Three pairs of equal answers to the first task, none, one, and one of three to the last.
    assert control["percent"] == pytest.approx((3 + 0 + 1 + 1) / 8)
    assert control["alpha"] != control["alpha_nominal"]
    assert control["alpha_low"] <= control["alpha"] <= control["alpha_high"]
    assert agreement_by_pair(table.reverse()).equals(pairs)


def test_texts_by_how_much_of_them_is_equal():
    rows = [("ann", 1, "edit", "text", "Ask a locksmith.", None)]
    rows += [("bob", 1, "edit", "text", "Ask two locksmiths.", None)]
    rows += [
        ("ann", 2, "edit", "text", "e\u0301", None),
        ("bob", 2, "edit", "text", "\u00e9", None),
    ]
    (found,) = agreement_by_control(answers(rows)).rows(named=True)
    assert found["percent"] == pytest.approx((1 - 4 / 19 + 1) / 2)
    assert found["alpha"] is None


def test_ten_thousand_items_by_five_people_take_two_seconds():
    rng = np.random.default_rng(7)
    truth = rng.integers(0, 5, 10_000)
    frames = []
    for who in range(5):
        said = np.where(rng.random(10_000) < 0.7, truth, rng.integers(0, 5, 10_000))
        blank = answers([("x", 0, "decision", "ordinal", "0", 0.0)])
        columns = {"annotator": f"p{who}", "rank": said.astype(float), "value": said.astype(str)}
        rows = blank.select(pl.all().repeat_by(10_000).explode()).with_columns(
            task_hash=pl.Series(range(10_000), dtype=pl.UInt64),
            annotator=pl.lit(columns["annotator"]),
            rank=pl.Series(columns["rank"]),
            value=pl.Series(columns["value"]),
        )
        frames.append(rows)
    table = pl.concat(frames)
    began = time.process_time()
    assert agreement_by_control(table).height == 1
    assert agreement_by_pair(table).height == 10
    assert time.process_time() - began < 4  # 1 s on a quiet core
