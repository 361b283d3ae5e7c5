"""How well refusals are told from answers, on replies written for this project.

Part by part: phrases were adjusted after parts 1, 2 and 3 had each been scored unseen (F1 0.49,
0.58, 0.68 in Chinese; 0.30, 0.44, 0.71 in English). Part 4 was written last and nothing was
adjusted after it: what it scores is what a new text may expect. The shapes are hard on purpose: one
refusal in four never says so, one answer in five apologises or speaks of what cannot be done.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from goldleaf.curation.refusals.refusal_detector import refusal

HERE = Path(__file__).parent
UNSEEN = 4


def replies(lang: str) -> list[dict[str, str | int]]:
    lines = (HERE / f"refusals_{lang}.jsonl").read_text("utf-8").splitlines()
    return [json.loads(line) for line in lines]


def f1(rows: list[dict[str, str | int]]) -> float:
    """F1 of "refuses, at least in part"."""
    pairs = [(row["extent"] != "none", refusal(str(row["text"])).extent != "none") for row in rows]
    right = sum(true and said for true, said in pairs)
    return 2 * right / sum(true + said for true, said in pairs)


@pytest.mark.parametrize(("lang", "fewest"), [("zh", 120), ("en", 60)])
def test_the_replies_are_many_and_of_every_shape(lang: str, fewest: int):
    rows = replies(lang)
    assert len(rows) >= fewest
    assert len({row["text"] for row in rows}) == len(rows)
    for part in (1, 2, 3, 4):
        shapes = {row["shape"] for row in rows if row["part"] == part}
        assert shapes == {"polite", "plain", "hidden", "partial"} | {
            *("apologises", "letter", "cannot", "warns")
        }


@pytest.mark.parametrize(("lang", "least"), [("zh", 0.90), ("en", 0.90)])
def test_refusals_are_found(lang: str, least: float):
    assert f1(replies(lang)) >= least


@pytest.mark.parametrize(("lang", "least"), [("zh", 0.80), ("en", 0.85)])
def test_refusals_are_found_in_replies_that_nothing_was_adjusted_to(lang: str, least: float):
    assert f1([row for row in replies(lang) if row["part"] == UNSEEN]) >= least


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_full_refusal_is_hardly_ever_an_answer(lang: str):
    """Only `full` is drafted for annotators."""
    full = [row for row in replies(lang) if refusal(str(row["text"])).extent == "full"]
    refused = sum(row["extent"] != "none" for row in full)
    assert len(full) >= 20
    assert refused >= 0.97 * len(full)


def test_chinese_refusals_of_many_styles_are_found():
    """Curt, house styles, Traditional characters, helplines, personas; written before the rules of
    Traditional characters and of the request as subject, and scored 0.590 then."""
    lines = (HERE / "refusals_zh_second.jsonl").read_text("utf-8").splitlines()
    assert f1([json.loads(line) for line in lines]) >= 0.93


def test_chinese_refusals_of_another_author_are_found():
    """120 replies by one who knew neither rules nor weights: scored 0.914 as they came, 0.949 after
    five wordings among them were added."""
    lines = (HERE / "refusals_zh_third.jsonl").read_text("utf-8").splitlines()
    assert f1([json.loads(line) for line in lines]) >= 0.94
