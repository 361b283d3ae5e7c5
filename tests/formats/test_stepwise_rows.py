"""Verdicts on the steps of an answer, written for PRM trainers and read back."""

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goldleaf.core.errors import BadRow
from goldleaf.core.records import Judgement, Step, Turn
from goldleaf.formats.format_registry import formats
from goldleaf.trainers.registry import writer_named
from goldleaf.trainers.trl import parquet_rows as parquet
from goldleaf.trainers.trl import rows as trl

ASKED = (Turn("user", "What is 2 plus 3 times 4?"),)
STEPS = (Step("3 times 4 is 12.", good=True), Step("2 plus 12 is 15.", good=False))


def judged(text="3 times 4 is 12.\n2 plus 12 is 15.", steps=STEPS, **more):
    return Judgement(ASKED, (Turn("assistant", text),), steps=steps, **more)


@pytest.mark.parametrize("unit", [trl, parquet])
def test_steps_read_back_with_their_verdicts(unit):
    ((table, row),) = unit.write(judged()).items()
    assert table == "stepwise"
    assert row == {
        "prompt": "What is 2 plus 3 times 4?\n",
        "completions": ["3 times 4 is 12.", "2 plus 12 is 15."],
        "labels": [True, False],
    }
    assert unit.read(json.loads(json.dumps(row))) == judged()
    assert [name for name, found in formats().items() if found.recognises(row)] == ["trl"]


WORDS = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=9)
GAP = st.sampled_from(["\n", " ", "\n\n", "\n \n"])


@given(st.lists(st.tuples(WORDS, GAP, st.booleans()), min_size=1, max_size=5))
def test_whatever_stood_between_the_steps(told):
    text = "".join(word + gap for word, gap, _ in told)
    steps = tuple(Step(word, good) for word, _, good in told)
    read = trl.read(trl.write(judged(text, steps))["stepwise"])
    assert isinstance(read, Judgement)
    assert read.steps == steps
    assert read.response[0].content.split() == text.split()


def test_a_verdict_on_the_whole_goes_to_kto():
    assert trl.write(judged(good=False))["kto"]["label"] is False


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        (replace(judged(), context=(Turn("system", "Be brief."), *ASKED)), "multi_turn_prompt"),
        (replace(judged(), tools=({"name": "f"},)), "tools_unsupported"),
        (judged("Something else."), "steps_differ"),
        (replace(judged(), response=(Turn("assistant", "a", "b"),)), "steps_differ"),
        (judged(steps=(*STEPS, Step("Hm."))), "step_unjudged"),
        (judged(steps=(Step(" ", good=True),)), "empty_response"),
        (judged(steps=()), "no_verdict"),
    ],
)
def test_what_the_trainer_has_no_place_for_is_refused(record, reason):
    with pytest.raises(BadRow) as refused:
        trl.write(record)
    assert refused.value.reason == reason


@pytest.mark.parametrize("name", ["llamafactory", "alpaca", "swift"])
def test_others_have_no_place_for_steps(name):
    with pytest.raises(BadRow, match="steps_unsupported"):
        writer_named(name).write(judged())


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ({"prompt": " ", "completions": ["a"], "labels": [True]}, "no_prompt"),
        ({"prompt": "a", "completions": ["a", "b"], "labels": [True]}, "bad_steps"),
        ({"prompt": "a", "completions": [], "labels": []}, "bad_steps"),
        ({"prompt": "a", "completions": [""], "labels": [True]}, "empty_response"),
        ({"prompt": "a", "completions": ["b"], "labels": ["maybe"]}, "bad_label"),
    ],
)
def test_what_is_no_row_of_steps(row, reason):
    with pytest.raises(BadRow) as refused:
        trl.read(row)
    assert refused.value.reason == reason
