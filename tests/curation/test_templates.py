"""Openings and closings: shared boilerplate is named, beginnings of sentences are not."""

import polars as pl

from goldleaf.curation.set_style.templates import templates


def found(answers, **options):
    rows = pl.DataFrame(
        {"record": [f"{n:03}" for n in range(len(answers))], "answer": answers}
    ).with_columns(**options.pop("columns", {}))
    verdicts = templates(rows, **options)
    return {(record, verdict): of for record, verdict, of, _, _ in verdicts.rows()}


TOPICS = "rivers bread clouds maps locks wheels seeds kites ropes glass sand bells".split()


def test_an_opening_and_a_closing_are_named():
    answers = [f"Sure! A note on {topic}. I hope this helps you today!" for topic in TOPICS]
    answers += [f"Most {topic} are old. Nobody counts {topic[::-1]}." for topic in TOPICS * 3]
    verdicts = found(answers, limit=0.2)
    assert verdicts["000", "opening"] == "opening: sure"
    assert verdicts["000", "frame"] == "frame: i hope this helps"
    assert {record for record, _ in verdicts} == {f"{n:03}" for n in range(len(TOPICS))}


def test_chinese_openings_and_closings():
    answers = [f"当然，下面是关于{topic}的介绍。希望对你有所帮助。" for topic in TOPICS]
    answers += [f"{topic}是一种东西。{topic[::-1]}不是。" for topic in TOPICS * 3]
    verdicts = found(answers, limit=0.2)
    assert verdicts["003", "opening"] == "opening: 当然"
    assert verdicts["003", "frame"].startswith("frame: 希望对你有所帮")


def test_a_mere_word_is_no_template():
    answers = [f"The {topic} of {topic[::-1]} rest." for topic in TOPICS * 3]
    answers += ["Yes, it is.", "No, never.", "1. First", "2. Then", "是的，没错。"] * 12
    openings = {of for (_, verdict), of in found(answers).items() if verdict == "opening"}
    assert openings <= {"opening: yes it is", "opening: 是的没错"}


def test_structured_answers_and_empty_ones_have_none():
    rows = {"columns": {"structured": pl.lit(True)}}
    assert not found(['{"city": "Lima"}'] * 30, **rows)
    assert not found(["", None, "  "] * 30)
