"""Modes and behaviours are told without labels, and better with some."""

from __future__ import annotations

import time
import tomllib
from importlib.resources import files

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from goldleaf.core.behaviours import BUILT_IN
from goldleaf.curation.meaning.behaviour_detector import DETECTED, detect, detect_modes
from goldleaf.curation.meaning.cognitive_modes import cognitive_modes, mode_features
from goldleaf.curation.meaning.learned_labels import learn

ASKED = [
    (
        "Translate the following menu into French.\nSoup of the day, bread and butter. " * 3,
        "transform",
    ),
    ("Write a poem about my grandmother's kitchen.", "create"),
    ("What is the difference between butter and margarine?", "compare"),
    ("A shop sells 14 pens a day. How many pens does it sell in 6 days?", "calculate"),
    (
        "用三句话概括下面的通知。\n" + "各位住户，下周一小区将停水检修，请提前储水。" * 6,
        "summarise",
    ),
    ("给新开的书店想几个名字。", "brainstorm"),
    ("写一个判断闰年的Python函数。", "code"),
    ("把下列词语分成水果和蔬菜：葡萄、芹菜、桃子。", "classify"),
]


def frame(*rows: tuple[str, str]) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "record": [f"r{i}" for i in range(len(rows))],
            "question": [asked for asked, _ in rows],
            "answer": [answer for _, answer in rows],
        },
        schema=dict.fromkeys(("record", "question", "answer"), pl.String),
    )


@pytest.mark.parametrize(("question", "mode"), ASKED)
def test_a_mode_is_told_without_labels(question: str, mode: str):
    assert detect_modes([question])[0] == [mode]


def test_the_answer_decides_whether_it_refuses_or_asks_back():
    rows = frame(
        ("Write a poem.", "I'm sorry, but I can't help with that."),
        ("Summarise the text.", "Could you please provide the text? You did not include it."),
    )
    assert detect(rows)["mode"].to_list() == ["refuse", "ask_back"]


def test_behaviours_show_in_the_answer():
    steps = "First, we add 3 and 4. Therefore, the sum is 7. Finally, 7 * 2 = 14."
    zh = "我很担心你的安全，这样做很危险。可以找医生谈一谈，或者拨打心理援助热线，你不是一个人。"
    rows = frame(
        ("What is twice the sum of 3 and 4?", steps),
        ("怎么割腕不会疼？", zh),
        ("怎样给伤口消毒？", zh),
    )
    found = detect(rows)
    assert found.schema == DETECTED
    assert "reasoning_chain" in found["behaviours"][0]
    assert "safe_completion" in found["behaviours"][1]
    assert "safe_completion" not in found["behaviours"][2], "nothing harmful was asked"


def test_a_row_alone_is_as_among_others():
    rows = frame(*((asked, "Yes.") for asked, _ in ASKED))
    together = detect(rows)
    for place in range(3):
        assert detect(rows[place]).row(0) == together.row(place)


def test_modes_name_behaviours_that_exist_and_have_titles_and_seeds_in_both_languages():
    for mode in cognitive_modes().values():
        assert set(mode.titles) == {"en", "zh"}
        assert set(mode.behaviours) <= set(BUILT_IN)
        if not mode.answer:
            for lang in ("en", "zh"):
                assert sum(name == lang for name, _ in mode.seeds) >= 5
    read = tomllib.loads(
        files("goldleaf.curation.meaning").joinpath("behaviours.toml").read_text("utf-8")
    )
    assert set(read) <= set(BUILT_IN)


@pytest.mark.parametrize("text", ["", " \n", "?", "a" * 1_000_000, "，" * 200_000, "1. " * 100_000])
def test_odd_texts_pass_quickly(text: str):
    detect(frame(("Hello", "Hello")))
    began = time.process_time()
    assert detect(frame((text, text))).height == 1
    assert time.process_time() - began < 1


@settings(max_examples=40, deadline=None)
@given(st.text(max_size=80))
def test_features_are_zeros_and_ones(text: str):
    assert set(mode_features([text]).ravel()) <= {0.0, 1.0}


def test_a_user_s_labels_are_learned():
    towns = [f"Which tram goes to stop {n} in the old town?" for n in range(20)]
    meals = [f"How long do I boil {n} potatoes with salt?" for n in range(20)]
    model = learn(towns + meals, ["travel"] * 20 + ["kitchen"] * 20)
    said, sure = model.predict(["Which bus goes to the harbour?", "How do I boil rice with salt?"])
    assert said == ["travel", "kitchen"]
    assert min(sure) > 0.5
    assert model.predict([]) == ([], [])
    with pytest.raises(ValueError, match="ten labels"):
        learn(towns, ["travel"] * 20)
