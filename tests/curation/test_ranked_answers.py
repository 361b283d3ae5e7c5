"""Rankings are duplicates where each answer has a near copy at the same place of the order."""

from __future__ import annotations

import random
from itertools import permutations

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from goldleaf.core.records import Candidate, Comparison, Turn
from goldleaf.curation.near_duplicates.ranked_answers import answer_levels, joined_answers
from goldleaf.curation.near_duplicates.same_order import _difference, alike_in_order
from goldleaf.curation.near_duplicates.text_table import TextTable
from goldleaf.curation.record_frames import record_frames
from goldleaf.curation.row_findings import ROW_FINDINGS
from goldleaf.curation.screened_batches import ScreenedBatches
from goldleaf.curation.set_screens.near_duplicates import run
from goldleaf.curation.set_screens.set_screen import SetInputs

ASKED = "How do I make tea for my guests?"
TEA = (
    "Tea is made from leaves. Pour hot water on them, wait for four minutes, and take the leaves "
    "out. Green tea wants cooler water than black tea does, and herbs want it boiling."
)
COFFEE = "Nobody knows, but coffee is roasted in large drums over a fire, and ground on the day."
BAKER = "Ask the baker in the next street, who has made it for all of the town since last winter."
TEA_ZH = (
    "先倒热水，等四分钟，再把茶叶取出来。绿茶用的水比红茶凉一些，花草茶要用开水，客人会喜欢的。"
)
TYPED = TEA.replace("made from", "made form")
LOUD = TEA.upper()
TEXTS = [TEA, TYPED, LOUD, COFFEE, COFFEE.replace("roasted", "raosted"), BAKER]
ALIKE = [(0, 1, 2), (3, 4), (5,)]


def ranked(*answers, prompt=ASKED):
    """Return a comparison of (text, rank)."""
    candidates = [Candidate((Turn("assistant", text),), rank) for text, rank in answers]
    return Comparison((Turn("user", prompt),), tuple(candidates))


def gone(folder, records):
    """Return which of the named records go, and whom they follow; the first ones are preferred."""
    rows, _ = record_frames(records.items())
    preference = [-float(place) for place in range(rows.height)]
    folder.mkdir(exist_ok=True)
    paths = []
    for number in range(2):  # in two files, as larger sets are
        part = rows.drop("row").with_columns(pl.Series("preference", preference))
        paths.append(folder / f"{number}.parquet")
        part.gather_every(2, number).write_parquet(paths[-1])
    batches = ScreenedBatches(tuple(paths), pl.DataFrame(schema=ROW_FINDINGS))
    found = run(SetInputs(batches, folder)).findings
    found = found.filter(pl.col("screen") == "near_duplicate")
    return dict(found.select("record", "of").iter_rows())


def test_near_copies_in_the_same_order_are_one_whatever_order_the_file_has(tmp_path):
    records = {
        "a": ranked((TEA, 1), (COFFEE, 2), (BAKER, 3)),
        "typed": ranked((BAKER, 3), (TYPED, 1), (COFFEE, 2)),
        "gaps": ranked((COFFEE, 4), (TEA, 2), (BAKER.upper(), 9)),
    }
    assert gone(tmp_path, records) == {"typed": "a", "gaps": "a"}


@pytest.mark.parametrize("order", list(permutations(range(3)))[1:])
def test_another_order_of_the_same_answers_is_no_duplicate(order, tmp_path):
    texts = [TEA, COFFEE, TEA_ZH]
    near = [TYPED, COFFEE, TEA_ZH.replace("凉一些", "凉一点")]
    records = {
        "a": ranked(*zip(texts, (1, 2, 3), strict=True)),
        "b": ranked(*((near[place], rank) for rank, place in enumerate(order, 1))),
    }
    assert gone(tmp_path, records) == {}


@pytest.mark.parametrize("order", list(permutations(range(3)))[1:])
def test_the_order_counts_also_where_all_answers_are_nearly_one(order, tmp_path):
    texts = [TEA, TYPED, LOUD]
    records = {
        "a": ranked(*zip(texts, (1, 2, 3), strict=True)),
        "b": ranked(*((texts[place], rank) for rank, place in enumerate(order, 1))),
        "c": ranked(*((text + " Enjoy.", rank) for rank, text in enumerate(texts, 1))),
    }
    assert gone(tmp_path, records) == {"c": "a"}


def test_answers_that_tie_have_no_order(tmp_path):
    records = {
        "a": ranked((TEA, 1), (COFFEE, 2), (BAKER, 2)),
        "b": ranked((BAKER, 2), (TYPED, 1), (COFFEE, 2)),
        "no tie": ranked((TEA, 1), (COFFEE, 2), (BAKER, 3)),
        "all tie": ranked((TEA, 1), (COFFEE, 1), (BAKER, 1)),
        "two tie": ranked((TEA, 1), (COFFEE, 1)),
        "two tie, turned": ranked((COFFEE, 1), (LOUD, 1)),
        "not ranked": ranked((TEA, None), (COFFEE, None), (BAKER, None)),
        "not ranked, turned": ranked((BAKER, None), (COFFEE, None), (TYPED, None)),
    }
    wanted = {"b": "a", "two tie, turned": "two tie", "not ranked, turned": "all tie"}
    assert gone(tmp_path, records) == {**wanted, "not ranked": "all tie"}


def test_an_answer_more_or_less_is_another_ranking(tmp_path):
    records = {
        "a": ranked((TEA, 1), (COFFEE, 2), (BAKER, 3)),
        "b": ranked((TEA, 1), (COFFEE, 2)),
        "c": ranked((TEA, 1), (COFFEE, 2), (BAKER, 3), (TYPED, 4)),
        "d": ranked((TEA, 1), (COFFEE, 2), (TEA_ZH, 3)),
    }
    assert gone(tmp_path, records) == {}


def test_an_answer_that_a_ranking_has_twice_is_no_contradiction(tmp_path):
    records = {
        "a": ranked((TEA, 1), (COFFEE, 2), (BAKER, 3), (COFFEE, 4)),
        "b": ranked((TYPED, 1), (COFFEE, 2), (BAKER, 3), (COFFEE, 4)),
        "c": ranked((TYPED, 1), (COFFEE, 2), (COFFEE, 3), (BAKER, 4)),
    }
    assert gone(tmp_path, records) == {"b": "a"}


def test_order_of_the_file_plays_no_role(tmp_path):
    drawn = random.Random(3)
    orders = [drawn.sample(TEXTS, 3) for _ in range(40)]
    records = {
        f"{n:02}": ranked(*zip(texts, (1, 2, drawn.choice((2, 3))), strict=True))
        for n, texts in enumerate(orders)
    }
    found = set()
    for turn in range(3):
        names = list(records)
        drawn.shuffle(names)
        shuffled = {name: records[name] for name in names}
        rows, _ = record_frames(shuffled.items())
        part = tmp_path / f"{turn}.parquet"
        rows.drop("row").with_columns(preference=pl.lit(0.0)).write_parquet(part)
        batches = ScreenedBatches((part,), pl.DataFrame(schema=ROW_FINDINGS))
        findings = run(SetInputs(batches, tmp_path / f"work-{turn}")).findings
        found.add(findings.sort("record", "screen").write_json())
    assert len(found) == 1
    assert "near_duplicate" in found.pop()


shapes = st.sampled_from([(0, 1), (0, 0), (0, 1, 2), (0, 1, 1), (0, 0, 1), (0, 1, 2, 3)])


@settings(deadline=None, max_examples=150)
@given(st.data(), shapes)
def test_alike_is_what_trying_all_orders_says(data, shape):
    places = st.lists(st.integers(0, len(TEXTS) - 1), min_size=len(shape), max_size=len(shape))
    one, other = data.draw(places), data.draw(places)
    texts = [ASKED, *TEXTS]
    records = np.array([[[0, *(text + 1 for text in side)]] for side in (one, other)])
    found = alike_in_order(TextTable(texts), texts, records, np.array(shape))
    turned = alike_in_order(TextTable(texts), texts, records[::-1], np.array(shape))
    group = {text: number for number, members in enumerate(ALIKE) for text in members}
    count = range(len(shape))
    levels = [[one[place] for place in count if shape[place] == level] for level in set(shape)]
    direct, crossed = [], []
    for order in permutations(count):
        pairs = [(one[place], other[order[place]]) for place in count]
        if all(group[first] == group[second] for first, second in pairs):
            cost = sum(_difference(TEXTS[first], TEXTS[second]) for first, second in pairs)
            # What stands where in the order that this one would be a copy of.
            told = [
                sorted(
                    first
                    for (first, _), place in zip(pairs, order, strict=True)
                    if shape[place] == level
                )
                for level in set(shape)
            ]
            same = told == [sorted(level) for level in levels]
            (direct if same else crossed).append(cost)
    if len(set(one)) == len(set(other)) == len(shape):
        wanted = bool(direct) and min(direct) < min(crossed, default=np.inf)
        assert found.tolist() == [wanted]
    assert found.tolist() == turned.tolist()


def test_levels_are_read_as_they_were_written():
    records = [
        ("one", ranked(("b\nb", 2), ("a", 1), ("", 2), ("c", None), ("d", 7))),
        (
            "bad",
            Comparison(
                (),
                (
                    Candidate((Turn("assistant", "x"),), 1, acceptable=False),
                    Candidate((Turn("assistant", "y\n"),), 2, acceptable=False),
                ),
            ),
        ),
    ]
    rows, _ = record_frames(records)
    assert answer_levels(rows) == [[["a"], ["", "b\nb"], ["d"], ["c"]], [["x"], ["y\n"]]]
    assert joined_answers(rows).to_list() == ["a\n\nb\nb\nd\nc", "x\ny\n"]
