"""Scores on gold questions, from a table of what annotators answered."""

import polars as pl
import pytest

from goldleaf.agreement.control_answers import SINGLE, SKIPPED, SUBMITTED, control_answer_schema
from goldleaf.agreement.gold import gold_scores
from goldleaf.core.share_interval import Share

EXPECTED = {task: {("decision", SINGLE): ("a", "a_much")} for task in range(100, 120)}


def table(*answers):
    """Make the table of (task, annotator, decision, stamp); a decision of None is a skip."""
    rows = [
        {
            **{"project": 1, "task": task, "task_hash": task, "annotation": number},
            **{"annotator": annotator, "kind": "preference/1", "place": SINGLE},
            **{"control": "decision" if decision else "", "value": decision or ""},
            **{"stamp": stamp, "state": SUBMITTED if decision else SKIPPED},
        }
        for number, (task, annotator, decision, stamp) in enumerate(answers, 1)
    ]
    return pl.DataFrame(rows, schema=control_answer_schema())


def test_right_answers_are_counted_and_misses_named_in_order_of_time():
    answers = [(100 + n, "person:1", "a_much" if n < 5 else "b", n) for n in range(10)]
    answers += [(110, "person:1", None, 11), (100, "person:2", "a", 3), (7, "person:2", "b", 4)]
    one, two = gold_scores(table(*answers).sample(fraction=1, shuffle=True, seed=3), EXPECTED)
    assert (one.share.right, one.share.count, one.skipped) == (5, 10, 1)
    assert [miss.task for miss in one.misses] == [105, 106, 107, 108, 109]
    assert one.misses[0].given == "b" and one.misses[0].expected == ("a", "a_much")
    assert (one.early.right, one.late.right) == (5, 0)
    assert one.drift
    change, low, high = one.drift
    assert change == -1 and low == -1 and high < -0.3, "who got worse is told so"
    assert (two.share.right, two.share.count, two.drift) == (1, 1, None)


def test_a_steady_annotator_shows_no_drift():
    answers = [(100 + n, "person:1", "b" if n % 4 == 0 else "a", n) for n in range(20)]
    (score,) = gold_scores(table(*answers), EXPECTED)
    assert score.drift
    change, low, high = score.drift
    assert low < 0 < high and abs(change) < 0.25


@pytest.mark.parametrize(
    ("right", "count", "low", "high"),
    [(8, 10, 0.4902, 0.9433), (0, 10, 0.0, 0.2775), (10, 10, 0.7225, 1.0)],
)
def test_the_interval_is_wilson_s(right, count, low, high):
    assert Share(right, count).interval == pytest.approx((low, high), abs=1e-4)
    assert Share(0, 0).interval == (0.0, 1.0)


def test_nobody_s_answers_and_answers_to_other_tasks_are_left_out():
    assert gold_scores(table((100, "unknown", "a", 1), (7, "person:1", "a", 2)), EXPECTED) == ()
