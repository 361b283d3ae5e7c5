"""Comparisons are duplicates by each of their answers, and never of their opposite."""

from __future__ import annotations

import random

import numpy as np
import polars as pl
import pytest

from goldleaf.curation.engines.local import Local
from goldleaf.curation.engines.process_pool import ProcessPool
from goldleaf.curation.near_duplicates import answer_kernels, answer_likeness
from goldleaf.curation.near_duplicates.compared_answers import alike_in_each_answer
from goldleaf.curation.near_duplicates.leader_rule import duplicate_verdicts
from goldleaf.curation.near_duplicates.near_duplicates import compare_rows
from goldleaf.curation.near_duplicates.text_table import TextTable

ASKED = "How do I make tea for my guests?"
TEA = (
    "Tea is made from leaves. Pour hot water on them, wait for four minutes, and take the leaves "
    "out. Green tea wants cooler water than black tea does, and herbs want it boiling."
)
MARKED = (
    "**Tea** is made from leaves:\n\n- Pour hot water on them, wait for four minutes, and take the "
    "leaves out.\n- Green tea wants cooler water than black tea does, and herbs want it boiling."
)
TYPED = TEA.replace("Tea is made from", "Tae is made form")
LOUD = TEA.upper()
COFFEE = "Nobody knows, but coffee is roasted in large drums over a fire, and ground on the day."
TEA_ZH = (
    "茶是用茶叶泡的。先倒热水，等四分钟，再把茶叶取出来。绿茶用的水比红茶凉一些，花草茶要用开水。"
)
MARKED_ZH = (
    "**茶**是用茶叶泡的：\n\n- 先倒热水，等四分钟，再把茶叶取出来。\n"
    "- 绿茶用的水比红茶凉一些，花草茶要用开水。"
)


def gone(folder, pairs, parts=1, engine=None):
    """Return which of (name, better, other) go, and whom they follow."""
    frame = pl.DataFrame(
        [(name, ASKED, better, other) for name, better, other in pairs],
        schema=["record", "prompt", "answer", "others"],
        orient="row",
    )
    folder.mkdir(exist_ok=True)
    own, whole = [], []
    for number in range(parts):
        part = frame.gather_every(parts, number)
        own.append(folder / f"own-{number}.parquet")
        whole.append(folder / f"whole-{number}.parquet")
        part.write_parquet(own[-1])
        together = pl.concat_str("answer", "others", separator="\n")
        part.with_columns(answer=together, preference=pl.lit(3.0)).write_parquet(whole[-1])
    engine = engine or Local()
    compared = compare_rows(whole, folder, engine)
    alike = alike_in_each_answer(compared, own, folder, engine)
    found = duplicate_verdicts(alike.rows, alike.alike).filter(pl.col("verdict") == "duplicate")
    return dict(found.select("record", "of").iter_rows()), alike


@pytest.mark.parametrize(
    ("one", "other"),
    [(TEA, MARKED), (TEA, TYPED), (TEA, LOUD), (MARKED, TYPED), (TEA_ZH, MARKED_ZH)],
    ids=["marks", "typed", "case", "both", "zh"],
)
def test_a_pair_and_its_opposite_stay_however_little_their_answers_differ(one, other, tmp_path):
    assert gone(tmp_path / "opposite", [("a", one, other), ("b", other, one)])[0] == {}
    again = one.replace("four", "foru").replace("四分钟", "四份钟")
    near = [("a", one, other), ("b", again, other), ("c", other, one), ("d", other, again)]
    assert gone(tmp_path / "near", near)[0] == {"b": "a", "d": "c"}


def test_equal_texts_that_are_parted_otherwise_are_other_answers(tmp_path):
    words = f"{TEA} {COFFEE}".split()
    cut = [(" ".join(words[:n]), " ".join(words[n:])) for n in (6, 30)]
    pairs = [("a", *cut[0]), ("b", *cut[1]), ("c", cut[1][0].upper(), cut[1][1])]
    assert gone(tmp_path, pairs)[0] == {"c": "b"}


def some_pairs():
    texts = [TEA, MARKED, TYPED, LOUD, COFFEE, f"{TEA} It is.", COFFEE.upper()]
    return [(f"{i}{j}", one, two) for i, one in enumerate(texts) for j, two in enumerate(texts)]


def test_order_parts_and_processes_play_no_role(tmp_path, monkeypatch):
    pairs = some_pairs()
    wanted = gone(tmp_path / "first", pairs)[0]
    assert wanted
    drawn = random.Random(7)
    for parts in (2, 13):
        drawn.shuffle(pairs)
        assert gone(tmp_path / f"in-{parts}", pairs, parts)[0] == wanted
    with ProcessPool(2) as pool:
        engine = Local(pool)
        assert gone(tmp_path / "processes", pairs, 3, engine)[0] == wanted
    monkeypatch.setattr(answer_kernels, "_CHARACTERS", 1)
    assert gone(tmp_path / "one-by-one", pairs, 2)[0] == wanted


def test_answers_that_were_compared_are_found_again(tmp_path):
    pairs = some_pairs()
    first = gone(tmp_path, pairs)
    assert first[1].computed[-2:] == ("answer_forms", "answers")
    again = gone(tmp_path, pairs)
    assert again[1].computed == ()
    assert again[0] == first[0]
    other = gone(tmp_path, [*pairs[:-1], ("66", COFFEE, "Another one.")])
    assert other[1].computed[-2:] == ("answer_forms", "answers")


def test_very_long_answers_are_compared_by_their_words_alone(monkeypatch):
    drawn = random.Random(5)
    words = ["".join(drawn.choices("abcdefghijklmnop", k=7)) for _ in range(200)]
    typed = [f"{word[:3]}z{word[4:]}" for word in words]
    table = TextTable(["Tell me.", " ".join(words), " ".join(typed)])
    numbers = [np.array([number]) for number in range(3)]
    assert answer_likeness.alike_beyond_prompt(table, *numbers).all()
    monkeypatch.setattr(answer_likeness, "_MOST_TYPED", 1_000)
    assert not answer_likeness.alike_beyond_prompt(table, *numbers).any()
