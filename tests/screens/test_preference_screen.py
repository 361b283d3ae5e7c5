"""The preference screen in a real browser, both languages: what is seen, clicked and read back."""

from __future__ import annotations

import pytest
from selenium.webdriver.common.by import By

from goldleaf.core.records import Candidate, Comparison, Turn
from goldleaf.exporters.export import export
from goldleaf.label_configs.preference.codec import Answer
from goldleaf.label_configs.registry import kinds
from goldleaf.recipes.recipe import Recipe
from goldleaf.recipes.sections import Split

pytestmark = [pytest.mark.label_studio, pytest.mark.browser]

KIND = kinds()["preference"]
DECISIONS = KIND.controls["decision"].choices
LONG = {
    "en": ("Water boils sooner where the air is thin. " * 120)[:5000],
    "zh": ("山上的空气稀薄，气压较低，所以水在更低的温度下就会沸腾。" * 180)[:5000],
}
PROMPT = {"en": "Why does water boil sooner on a mountain?", "zh": "为什么水在山上更早沸腾？"}
languages = pytest.mark.parametrize("lang", ["en", "zh"])


def comparison(prompt, a, b):
    answers = (Candidate((Turn("assistant", text),), drafted_by=text[:5]) for text in (a, b))
    return Comparison((Turn("user", prompt),), tuple(answers))


def short(count, lang="en"):
    return [comparison(f"{PROMPT[lang]} ({n})", f"first {n}", f"second {n}") for n in range(count)]


@languages
def test_everything_needed_is_in_view_at_every_size(annotator_of, lang):
    record = comparison(PROMPT[lang], LONG[lang], LONG[lang][::-1])
    annotator = annotator_of(KIND, lang, [record], {0: Answer(noticed=("both_refuse",))})
    for width, _ in annotator.sizes():
        left, right = (
            annotator.chrome.execute_script(
                "return document.querySelectorAll('.gl-answer')[arguments[0]]"
                ".getBoundingClientRect().toJSON()",
                side,
            )
            for side in (0, 1)
        )
        assert left["top"] == right["top"]
        assert left["right"] < right["left"] and right["right"] <= width
        assert abs(left["width"] - right["width"]) < 2
        # Not narrower than 45 characters of English, a lower bound for comfortable reading.
        assert left["width"] > 500
        annotator.assert_in_view(annotator.choice("decision", alias) for alias in DECISIONS)
        assert annotator.chosen("noticed") == {"both_refuse"}
        assert annotator.chosen("decision") == set()
        annotator.assert_readable()
        annotator.press("2")
        annotator.assert_in_view(annotator.choice("decision", alias) for alias in DECISIONS)
        box = annotator.box("edit_a")
        annotator.assert_in_view([box])
        assert box.rect["x"] >= left["left"] and box.rect["x"] + box.rect["width"] <= left["right"]
        assert box.rect["y"] + box.rect["height"] < annotator.wait(".gl-decide").rect["y"]
        for said in annotator.chrome.find_elements(By.CSS_SELECTOR, ".gl-said"):
            assert said.rect["height"] <= 80, "two rows, each in one line"
        annotator.assert_readable()
        annotator.press("2")


@languages
def test_what_is_good_and_bad_about_each_answer_by_keys_and_clicks(annotator_of, lang):
    annotator = annotator_of(KIND, lang, short(2, lang))
    annotator.open()
    assert not annotator.chrome.find_element(By.CSS_SELECTOR, ".gl-said").is_displayed()
    annotator.press("5")
    for name, key in (("good_a", "w"), ("bad_a", "g"), ("good_b", "y"), ("bad_b", "m")):
        annotator.press(key)
        assert len(annotator.chosen(name)) == 1
    assert annotator.chosen("decision") == {"b_much"} and annotator.chosen("noticed") == set()
    annotator.submit_by_key()
    annotator.click("decision", "a")
    annotator.click("good_a", "follows")
    annotator.click("bad_b", "unsafe")
    annotator.submit_by_click()
    keyed, clicked = (reading.records[0] for reading in annotator.readings())
    assert keyed.parents[0].reasons == ("a+complete", "a-unclear", "b+correct", "b-unclear")
    assert keyed.tags.reasons == ("clear", "correct")
    assert clicked.parents[0].reasons == ("a+follows", "b-unsafe")
    assert clicked.tags.reasons == ("follows", "safe")


@languages
def test_each_outcome_by_two_keys_and_by_click(annotator_of, lang):
    decisions = [*DECISIONS, *DECISIONS]
    annotator = annotator_of(KIND, lang, short(len(decisions), lang))
    annotator.open()
    for position, decision in enumerate(decisions):
        if position < len(DECISIONS):
            annotator.press(str(position + 1))
            assert annotator.submit_by_key() == position + 1
        else:
            annotator.click("decision", decision)
            assert annotator.submit_by_click() == position + 1
    expected = {
        "a_much": ([1, 2], "strong"),
        "a": ([1, 2], "slight"),
        "tie": ([1, 1], "tie"),
        "b": ([2, 1], "slight"),
        "b_much": ([2, 1], "strong"),
        "both_bad": ([1, 1], "tie"),
    }
    tasks = annotator.tasks()
    for decision, reading in zip(decisions, annotator.readings(), strict=True):
        (record,) = reading.records
        assert isinstance(record, Comparison)
        task = next(t for t in tasks if f"/task:{t['id']}/" in reading.key)
        rank = {c.turns[0].content: c.rank for c in record.candidates}
        shown = [rank[task["data"]["answer_a"]], rank[task["data"]["answer_b"]]]
        assert (shown, record.strength) == expected[decision], decision
        assert record.parents[0].origin == "human"
        assert all(c.origin == "imported" for c in record.candidates)
        bad = decision == "both_bad"
        assert [c.acceptable for c in record.candidates] == [False if bad else None] * 2


@languages
def test_an_edit_and_an_own_answer_are_kept(annotator_of, lang):
    annotator = annotator_of(KIND, lang, short(2, lang))
    text = {"en": "Lower pressure, lower boiling point.\nThat is all.", "zh": "气压低，沸点就低。"}
    annotator.open()
    annotator.click("decision", "b")
    annotator.write(text[lang])
    annotator.submit_by_click()
    annotator.click("decision", "both_bad")
    annotator.write(text[lang])
    annotator.submit_by_click()
    edited, own = (reading.records[0] for reading in annotator.readings())
    best = edited.candidates[0]
    assert (best.turns[0].content, best.rank, best.origin) == (text[lang], 1, "edited")
    assert best.drafted_by == edited.candidates[2].drafted_by != ""
    assert edited.parents[0].edit_distance
    best = own.candidates[0]
    assert (best.turns[0].content, best.rank, best.origin) == (text[lang], 1, "human")
    assert [c.acceptable for c in own.candidates] == [True, False, False]


@languages
def test_drafts_are_accepted_or_overruled_and_told_apart(annotator_of, lang):
    draft = Answer(noticed=("both_refuse",))
    annotator = annotator_of(KIND, lang, short(2, lang), {0: draft, 1: draft})
    annotator.open()
    assert annotator.chosen("noticed") == {"both_refuse"}
    annotator.press("3")
    annotator.submit_by_key()
    annotator.click("noticed", "both_refuse")
    assert annotator.chosen("noticed") == set()
    annotator.press("2")
    annotator.submit_by_key()
    accepted, overruled = (reading.records[0] for reading in annotator.readings())
    assert (accepted.parents[0].origin, accepted.parents[0].drafted_by) == ("accepted", "test/1")
    assert (overruled.parents[0].origin, overruled.parents[0].drafted_by) == ("edited", "test/1")
    assert accepted.tags.issues == ("both_refuse",) and overruled.tags.issues == ()


def test_a_drafted_decision_that_is_overruled_is_never_read_as_accepted(annotator_of):
    annotator = annotator_of(KIND, "en", short(1), {0: Answer("a")})
    annotator.open()
    assert annotator.chosen("decision") == {"a"}
    annotator.click("decision", "b")
    annotator.submit_by_click()
    (reading,) = annotator.readings()
    assert reading.records[0].parents[0].origin == "edited"
    assert reading.records[0].strength == "slight"


@languages
@pytest.mark.parametrize("drafted", [False, True])
def test_a_choice_clicked_again_is_never_lost(annotator_of, lang, drafted):
    """A second click may take the choice back; then nothing is stored until there is one."""
    drafts = {0: Answer("a", noticed=("identical",))} if drafted else {}
    annotator = annotator_of(KIND, lang, short(1, lang), drafts)
    annotator.open()
    if not drafted:
        annotator.click("decision", "a")
    annotator.click("decision", "a")
    if annotator.chosen("decision") != {"a"}:
        annotator.press("7")  # something else is set, so Submit is not simply switched off
        submit = annotator.button("submit")
        if submit.is_enabled():
            submit.click()
        assert annotator.annotations() == []
        annotator.open()
        if annotator.chosen("decision") != {"a"}:
            annotator.click("decision", "a")
    annotator.submit_by_click()
    (reading,) = annotator.readings()
    assert reading.records[0].strength == "slight"


def test_a_skipped_task_is_never_used(annotator_of):
    annotator = annotator_of(KIND, "en", short(1), {0: Answer("a", noticed=("both_refuse",))})
    annotator.open()
    assert annotator.skip() == 1
    (reading,) = annotator.readings()
    assert (reading.reason, reading.records) == ("cancelled", ())


@languages
def test_text_from_data_makes_no_request_and_runs_nothing(annotator_of, hostile, lang):
    text = hostile.text
    record = Comparison(
        (Turn("system", text), Turn("user", text)),
        (Candidate((Turn("assistant", text),)), Candidate((Turn("assistant", "x" + text),))),
    )
    annotator = annotator_of(KIND, lang, [record])
    annotator.open()
    annotator.click("decision", "a")
    hostile.assert_shown_as_text(annotator)
    annotator.submit_by_click()
    hostile.assert_silent(annotator)
    (reading,) = annotator.readings()
    texts = {c.turns[0].content for c in reading.records[0].candidates}
    assert texts == {text, "x" + text}


@pytest.mark.trainer
# TRL 1 still asks transformers 5 for the old name of activation checkpointing
@pytest.mark.filterwarnings("ignore:.*gradient_checkpointing.*deprecated:FutureWarning")
@languages
def test_rows_from_real_clicks_reach_the_trainers(annotator_of, two_steps, tmp_path, lang):
    annotator = annotator_of(KIND, lang, short(5, lang))
    annotator.open()
    for decision in ("a_much", "b", "tie"):
        annotator.click("decision", decision)
        annotator.submit_by_click()
    annotator.click("decision", "a")
    annotator.write("A better one.")
    annotator.submit_by_click()
    annotator.skip()
    recipe = Recipe(split=Split(test=0.0))
    outcome = export(annotator.readings(), recipe, tmp_path / "out", lang=lang)
    assert outcome.reasons == {"rejected": {"cancelled": 1}, "dropped": {"tie": 1}}
    rows = (outcome.out / "trl" / "dpo" / "train.jsonl").read_text("utf-8").splitlines()
    assert len(rows) == 4
    for trainer in ("DPO", "Reward"):
        assert two_steps(outcome.out, "dpo", trainer) == len(rows)
