"""A set of one template is collapsed, a varied one is not; the order plays no part."""

import random

import polars as pl

from goldleaf.curation.set_style.style import style_report

WORDS = [a + b + c for a in "bdklmnprst" for b in "aeiou" for c in ("", "n", "ra", "lo", "st")]


def rows(answers):
    return pl.DataFrame({"record": [f"{n:05}" for n in range(len(answers))], "answer": answers})


def varied(count, seed=1):
    pick = random.Random(seed)
    return [" ".join(pick.choices(WORDS, k=pick.randrange(3, 60))) for _ in range(count)]


def of_one_template(count):
    return [f"Sure! Here is what you should know about the number {n} today." for n in range(count)]


def test_one_template_is_collapsed():
    report = style_report(rows(of_one_template(400)))
    assert report.collapsed and len(report.reasons) == 4


def test_varied_answers_are_not():
    report = style_report(rows(varied(400)))
    assert not report.collapsed and report.reasons == ()


def test_against_a_reference():
    assert style_report(rows(of_one_template(400)), rows(varied(300))).collapsed
    report = style_report(rows(varied(400)), rows(varied(300, seed=2)))
    assert report.measured == 300 and not report.collapsed


def test_the_order_of_the_rows_plays_no_part():
    frame = rows(varied(2_500))
    assert style_report(frame.reverse()) == style_report(frame)


def test_a_few_rows_are_not_judged():
    assert not style_report(rows(of_one_template(20))).collapsed
    assert style_report(rows(["", None])).rows == 0
