"""The ranking of answers that belong to other prompts: order, blanks, and that it finds a swap."""

import random

import polars as pl
import pytest

from goldleaf.curation.answer_checks.hashed_terms import words
from goldleaf.curation.answer_checks.relevance import FEWEST, RELEVANCE, relevance
from goldleaf.curation.row_findings import ROW_FINDINGS
from goldleaf.curation.screened_batches import ScreenedBatches
from goldleaf.curation.set_screens import swapped_answers
from goldleaf.curation.set_screens.set_screen import SetInputs

THINGS = (
    "river harbour violin window carpet engine lantern garden ladder compass anchor blanket bridge "
    "kettle mirror needle orchard pillow saddle tunnel umbrella valley wagon yarn zebra basket "
    "candle drum easel feather glacier hammer island jacket kite lemon mountain notebook oven pen "
    "quilt raft spoon teapot urn village whistle axle bottle crane"
).split()


def frame(swapped: int | None = None) -> pl.DataFrame:
    prompts = [f"What is a {thing} good for, and who makes one?" for thing in THINGS]
    answers = [
        f"A {thing} helps people every day. Whoever makes a {thing} works hard." for thing in THINGS
    ]
    if swapped is not None:
        answers[swapped] = answers[swapped - 1]
    names = [f"r{number}" for number in range(len(THINGS))]
    return pl.DataFrame({"record": names, "prompt": prompts, "answer": answers})


def test_a_swapped_answer_comes_first():
    found = relevance(frame(swapped=7)).sort("score", descending=True)
    assert found["record"][0] == "r7"
    assert found["score"][0] > 0.4 > found["score"][1]


def test_the_order_of_rows_plays_no_part():
    rows = frame(swapped=3)
    assert relevance(rows).equals(relevance(rows.sample(fraction=1.0, shuffle=True, seed=4)))


def test_blank_and_few():
    rows = frame()
    blank = rows.with_columns(
        answer=pl.when(pl.col("record") == "r1").then(pl.lit(" ")).otherwise("answer")
    )
    found = relevance(blank)
    assert found.filter(pl.col("record") == "r1")["score"].to_list() == [None]
    assert found.schema == RELEVANCE
    few = relevance(rows.head(FEWEST - 1))
    assert few["score"].null_count() == FEWEST - 1
    assert relevance(rows.clear()).height == 0


def test_chinese_words_are_pairs_of_characters():
    assert words("长江很长") == ["长江", "江很", "很长"]


@pytest.mark.parametrize("few", [False, True])
def test_a_verdict_needs_a_large_set(tmp_path, few):
    size = swapped_answers.FEWEST - few
    draw = random.Random(1)
    things = [draw.sample(THINGS[:48], 4) for _ in range(size)]
    prompts = [f"How are {', '.join(each)} made?" for each in things]
    answers = [f"People make {', '.join(each[::-1])} by hand." for each in things]
    answers[0], answers[1] = answers[1], answers[0]
    rows = pl.DataFrame(
        {
            "record": [f"r{number}" for number in range(size)],
            "prompt": prompts,
            "answer": answers,
            "structured": False,
        }
    )
    path = tmp_path / "0.parquet"
    rows.write_parquet(path)
    batches = ScreenedBatches((path,), pl.DataFrame(schema=ROW_FINDINGS))
    found = swapped_answers.run(SetInputs(batches, tmp_path))
    best = found.signals.sort("value", descending=True)["record"].head(2)
    assert set(best) == {"r0", "r1"}
    assert set(found.findings["record"]) == (set() if few else {"r0", "r1"})
    said = {"rows_compared": size, "verdicts_from": swapped_answers.FEWEST}
    assert found.facts == ({"swapped_answers": said} if few else {})
