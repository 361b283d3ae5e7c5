"""The review of a team: who is named, what is counted, and what bad input says on the page."""

import random
import re
from dataclasses import replace
from typing import Any

import polars as pl
import pytest
from team_simulation import BAD, TEAM, simulated

from goldleaf.agreement.control_answers import (
    SINGLE,
    control_answer_schema,
    current_answers,
)
from goldleaf.agreement.gold import gold_scores
from goldleaf.agreement.team.inputs import TeamInputs, TeamProject, task_schema
from goldleaf.agreement.team.reading_speed import reading_seconds
from goldleaf.agreement.team.team_page import team_page, team_sections
from goldleaf.agreement.team.team_review import review_team
from goldleaf.core.translations import LANGUAGES, Translations
from goldleaf.curation.pair_audit.choices import choice_schema

DAY = 86_400_000_000
PROJECT = TeamProject(1, "A <b>title</b>", 2, "instruction/1", "http://ls/projects/1/data")


def row(annotation: int, task: int, who: str, value: str = "ok", **more: Any):
    """Return one control answer; `more` sets other columns."""
    given = {
        **{"project": 1, "task": task, "task_hash": task, "annotation": annotation},
        **{"annotator": who, "kind": "instruction/1", "control": "verdict", "place": -1},
        **{"scale": "nominal", "value": value, "rank": None, "seconds": 30.0, "change": "none"},
        **{"model": "", "stamp": annotation, "state": "submitted", "reason": ""},
    }
    return tuple((given | more)[name] for name in control_answer_schema())


def inputs(rows, tasks=4, project=PROJECT, reading=20.0, **more):
    listed = [(1, n, n, "instruction/1", False, True, reading) for n in range(1, tasks + 1)]
    return TeamInputs(
        projects=(project,),
        tasks=pl.DataFrame(listed, schema=task_schema(), orient="row"),
        answers=pl.DataFrame(rows, schema=control_answer_schema(), orient="row"),
        choices=pl.DataFrame(schema=choice_schema()),
        **more,
    )


@pytest.mark.parametrize("seed", [1, 2])
def test_random_answers_and_one_side_are_named_and_nobody_else(seed):
    """Of 20 seeds: `python benchmarks/team_names.py`."""
    review = review_team(simulated(seed, TEAM | BAD))
    assert {(one.annotator, one.why) for one in review.named} == {
        ("person:random", "random"),
        ("person:left", "first"),
    }
    page = team_page(review, "en", {"person:left": "left@team.example"})
    assert "left@team.example prefers the answer shown first" in page
    assert "person:random answers" in page and "nearly like chance" in page
    assert review.forecast.missing > 0 and review.forecast.days


def test_of_a_good_team_nobody_is_named():
    assert review_team(simulated(3, TEAM)).named == ()


def test_drafts_taken_faster_than_they_can_be_read_are_counted():
    def taken(annotation, task, who, seconds):
        return row(annotation, task, who, change="accepted", model="m/1", seconds=seconds)

    rows = [taken(n, n, "person:fast", 3.0) for n in range(1, 8)]
    rows += [taken(20 + n, n, "person:slow", 18.0) for n in range(1, 7)]
    rows += [row(27, 7, "person:slow", change="edited", model="m/1", seconds=3.0)]
    rows += [taken(28, 8, "person:slow", None)]
    review = review_team(inputs(rows, tasks=9))
    work = {one.annotator: one for one in review.work}
    fast, slow = work["person:fast"], work["person:slow"]
    assert (fast.drafted, fast.accepted, fast.unread, fast.seconds) == (7, 7, 7, 3.0)
    assert (slow.drafted, slow.accepted, slow.edited, slow.timed, slow.unread) == (8, 7, 1, 6, 0)
    assert [(one.annotator, one.why) for one in review.named] == [("person:fast", "unread")]


def test_reading_speeds_are_those_of_the_literature():
    assert reading_seconds("word " * 300) == pytest.approx(50)
    assert reading_seconds("字" * 418) == pytest.approx(60, abs=0.1)
    assert reading_seconds("") == 0


def test_a_forecast_is_of_the_days_with_answers():
    rows = [row(n, n, "person:a", stamp=(n % 4) * DAY) for n in range(1, 9)]
    review = review_team(inputs(rows, tasks=20))
    # 20 open tasks of two answers each, eight given, two a day without any spread
    assert review.forecast.missing == 32
    assert (review.forecast.a_day, review.forecast.days, review.forecast.slow) == (2, 16, 16)
    one_day = review_team(inputs([row(1, 1, "person:a"), row(2, 1, "person:b")]))
    assert one_day.forecast.days is None


@pytest.mark.parametrize("lang", LANGUAGES)
def test_bad_input_is_told_on_the_page(lang):
    words = Translations(lang)

    def page(given):
        review = review_team(given)
        list(team_sections(review, words, {}))
        text = team_page(review, lang, {}).replace("&#39;", "'")
        return text.replace("<code>", "`").replace("</code>", "`")

    assert words("team.note_nothing", detail="") in page(inputs([]))
    assert words("team.note_nothing", detail="") in page(replace(inputs([], 0), projects=()))
    alone = inputs([row(1, 1, "person:a"), row(2, 2, "person:a")])
    assert words("team.note_alone", detail="") in page(alone)
    skipped = {"state": "skipped", "control": "", "value": ""}
    notes = ((1, 2, "person:a", "the <i>prompt</i> is cut off"),)
    all_skipped = inputs([row(n, n, "person:a", **skipped) for n in (1, 2)], skip_notes=notes)
    text = page(all_skipped)
    assert words("team.note_all_skipped", detail="2") in text
    assert "the &lt;i&gt;prompt&lt;/i&gt; is cut off" in text and words("team.no_note") in text
    two = [row(1, 1, "person:a"), row(2, 1, "person:gone", "not ok")]
    gone = inputs(two, deleted=frozenset({"person:gone"}))
    assert words("team.note_deleted", detail="person:gone") in page(gone)
    apart = inputs([row(1, 1, "person:a"), row(2, 2, "person:b")])
    assert words("team.note_no_overlap", detail="") in page(apart)
    newer = replace(PROJECT, kind="instruction/2")
    told = words("team.note_versions", detail="1: instruction/2, instruction/1")
    assert told in page(inputs(two, project=newer))
    other = TeamProject(2, "Other", 1, "refusal/1", "http://ls/projects/2/data")
    several = replace(inputs(two), projects=(PROJECT, other))
    assert words("team.note_kinds", detail="instruction/1, refusal/1") in page(several)
    foreign = replace(inputs([]), projects=(replace(PROJECT, kind="", error="no kind"),))
    assert words("team.note_unreadable", detail="1: no kind") in page(foreign)
    bad = inputs([row(1, 1, "person:a", state="rejected", reason="no_decision", control="")])
    assert "no_decision" in page(bad)


def test_disputed_tasks_link_to_label_studio_and_data_is_never_interpreted():
    rows = [
        row(1, 1, "person:a", "<script>1</script>"),
        row(2, 1, "person:b", "ok"),
        row(3, 2, "person:a", "ok"),
        row(4, 2, "person:b", "ok"),
    ]
    review = review_team(inputs(rows))
    assert [(one.task, one.control) for one in review.disputed] == [(1, "verdict")]
    page = team_page(review, "en", {"person:a": "<b>Ann</b>"})
    assert 'href="http://ls/projects/1/data?task=1"' in page
    assert "<script" not in page and "<b>Ann" not in page and "<b>title" not in page
    assert "&lt;b&gt;Ann&lt;/b&gt;" in page


@pytest.mark.parametrize("lang", LANGUAGES)
def test_scores_on_gold_questions_are_on_the_page_by_pseudonym_or_account(lang):
    expected = {n: {("verdict", SINGLE): ("ok", "fine")} for n in (1, 2, 3)}
    rows = [row(n, n, "person:a", "fine" if n < 3 else "bad") for n in (1, 2, 3, 4)]
    rows += [row(10 + n, n, "person:b") for n in (1, 2)]
    rows += [row(20, 3, "person:b", "", control="", state="skipped")]
    rows += [row(30, 4, "person:c", "bad")]
    given = inputs(rows)
    scores = gold_scores(current_answers(given.answers), expected)
    scored = replace(given, gold={s.annotator: (s.share.right, s.share.count) for s in scores})
    assert scored.gold == {"person:a": (2, 3), "person:b": (2, 2)}, "of no answer, no score"
    page = team_page(review_team(scored), lang, {"person:a": "ann@team.example"})
    gold = page[page.index('id="gold"') :]
    cells = re.findall("<td[^>]*>([^<]*)</td>", gold[: gold.index("</section>")])
    assert cells == ["ann@team.example", "2 / 3 (67 %)", "person:b", "2 / 2 (100 %)"]
    assert Translations(lang)("team.gold") in gold
    assert 'id="gold"' not in team_page(review_team(given), lang, {})


def test_the_order_of_rows_plays_no_part():
    rows = [row(n, n % 3 + 1, f"person:{n % 4}", "ok" if n % 2 else "bad") for n in range(1, 13)]
    once = review_team(inputs(rows)).plain()
    random.Random(1).shuffle(rows)
    assert review_team(inputs(rows)).plain() == once
