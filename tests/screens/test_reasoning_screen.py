"""The reasoning screen in a real browser, both languages: steps, corrections, what is read back."""

from __future__ import annotations

import json

import pytest
from selenium.webdriver.common.by import By

from goldleaf.core.records import Comparison, Demonstration, Judgement, Turn
from goldleaf.exporters.export import export
from goldleaf.label_configs.reasoning.codec import Answer
from goldleaf.label_configs.registry import kinds
from goldleaf.recipes.recipe import Recipe
from goldleaf.recipes.sections import Split

pytestmark = [pytest.mark.label_studio, pytest.mark.browser]

KIND = kinds()["reasoning"]
languages = pytest.mark.parametrize("lang", ["en", "zh"])
STEPS = {
    "en": ["A day has 24 hours.", "It loses 24 * 4 = 86 litres.", "So 300 - 86 = 214 are left."],
    "zh": ["一天有 24 小时。", "漏掉 24 * 4 = 86 升。", "所以还剩 300 - 86 = 214 升。"],
}
ASKED = {
    "en": "A pool of 300 litres loses 4 litres an hour. How much is left after a day?",
    "zh": "水池里有 300 升水，每小时漏 4 升，一天后还剩多少？",
}
RIGHT = {"en": "24 * 4 = 96\n300 - 96 = 204", "zh": "24 * 4 = 96 升\n300 - 96 = 204 升"}
CRITIQUE = {"en": "24 * 4 is 96.", "zh": "24 * 4 等于 96。"}


def chain(lang, number, final="\n#### 214"):
    text = "\n".join(STEPS[lang]) + final
    prompt = (Turn("user", f"{ASKED[lang]} ({number})"),)
    return Demonstration(prompt, (Turn("assistant", text),))


def mark(annotator, *verdicts):
    """Click the verdict of each step, None for none."""
    names = annotator.names["verdict_{{idx}}"]
    for place, verdict in enumerate(verdicts):
        if verdict:
            row = annotator.chrome.find_elements(By.CSS_SELECTOR, ".gl-step")[place]
            row.find_element(By.XPATH, f".//label[.//input[@name='{names[verdict]}']]").click()
            annotator.settle()


def marks(annotator):
    """Return the verdict of each step on the screen."""
    names = {name: alias for alias, name in annotator.names["verdict_{{idx}}"].items()}
    found = []
    for row in annotator.chrome.find_elements(By.CSS_SELECTOR, ".gl-step"):
        chosen = [e for e in row.find_elements(By.CSS_SELECTOR, "input") if e.is_selected()]
        found.append(names[chosen[0].get_attribute("name")] if chosen else None)
    return found


@languages
def test_everything_needed_is_in_view_at_every_size(annotator_of, lang):
    long = chain(lang, 0, "".join(f"\n{STEPS[lang][2]} {n}" for n in range(5)) + "\n#### 214")
    annotator = annotator_of(KIND, lang, [long], {0: Answer(noticed=("slip",))})
    for _ in annotator.sizes():
        rows = annotator.chrome.find_elements(By.CSS_SELECTOR, ".gl-step")
        assert len(rows) == 8
        decisions = [annotator.choice("decision", alias) for alias in ("right", "wrong")]
        annotator.assert_in_view([annotator.wait(".gl-prompt"), *rows, *decisions])
        annotator.assert_readable()
    assert "214" in annotator.wait(".gl-final").text and annotator.chosen("noticed") == {"slip"}
    assert marks(annotator) == [None] * 8 and annotator.chosen("decision") == set()


@languages
def test_what_is_done_on_the_screen_is_what_is_read_and_exported(annotator_of, tmp_path, lang):
    shown = [chain(lang, number) for number in range(5)]
    shown[1] = chain(lang, 1, "")
    filled = Answer(final="214", noticed=("slip",))
    annotator = annotator_of(KIND, lang, shown, {1: filled})
    annotator.open()

    annotator.press("1")  # left as it came
    annotator.submit_by_key()

    assert annotator.chosen("noticed") == {"slip"}  # the drafted final answer is edited
    mark(annotator, "neutral", "good", None)
    assert marks(annotator) == ["neutral", "good", None]
    annotator.write("214 l", "final")
    annotator.leave_box("1")
    annotator.submit_by_key()

    mark(annotator, "good", "bad")  # a reflection
    annotator.write(RIGHT[lang], "chain")
    annotator.write("204", "final")
    annotator.write(CRITIQUE[lang], "critique")
    annotator.click("decision", "wrong")
    annotator.click("issues", "arithmetic")
    annotator.submit_by_click()

    mark(annotator, "good", "good", "bad")  # taken back, and marked anew
    annotator.button("undo").click()
    annotator.settle()
    assert marks(annotator) == ["good", "good", None]
    mark(annotator, None, "bad")
    annotator.press("2")
    annotator.submit_by_key()
    assert annotator.skip() == 5

    readings = annotator.readings()
    left, completed, reflected, wrong, skipped = readings
    assert skipped.reason == "cancelled"
    steps, example = left.records
    assert isinstance(steps, Judgement) and [s.good for s in steps.steps] == [True] * 3
    assert example.response == (Turn("assistant", "214", "\n".join(STEPS[lang])),)
    assert example.parents[0].origin == "accepted"
    steps, example = completed.records
    assert steps.tags.signals == {"neutral_step_1": 1.0}
    assert example.response[0].content == "214 l"
    assert (example.parents[0].origin, example.parents[0].drafted_by) == ("edited", "test/1")
    steps, example, pair = reflected.records
    assert [s.good for s in steps.steps] == [True, False]
    draft = "\n".join(STEPS[lang])
    assert example.response[0].reasoning == f"{draft}\n\n{CRITIQUE[lang]}\n\n{RIGHT[lang]}"
    assert isinstance(pair, Comparison)
    assert [(c.turns[0].content, c.turns[0].reasoning) for c in pair.candidates] == [
        ("204", RIGHT[lang]),
        ("214", draft),
    ]
    steps, whole = wrong.records
    assert steps.tags.signals == {"first_wrong_step": 2.0} and len(steps.steps) == 2
    assert isinstance(whole, Judgement) and whole.good is False

    outcome = export(readings, Recipe(split=Split(test=0.0)), tmp_path / "out", lang=lang)
    lines = {
        file.parent.name: [json.loads(line) for line in file.read_text("utf-8").splitlines()]
        for file in (outcome.out / "trl").glob("*/train.jsonl")
    }
    judged = sorted(len(row["labels"]) for row in lines["stepwise"])
    assert judged == [2, 2, 3, 3]
    thought = f"<think>\n{draft}\n</think>\n\n214"
    written = [row["messages"][-1]["content"] for row in lines["sft"]]
    assert thought in written and len(written) == 3
    assert len(lines["dpo"]) == 1


@languages
def test_keys_decide_and_a_submitted_answer_is_changed_later(annotator_of, lang):
    annotator = annotator_of(KIND, lang, [chain(lang, 0), chain(lang, 1)])
    annotator.open()
    for key, decision in (("1", "right"), ("2", "wrong"), ("1", "right")):
        annotator.press(key)
        assert annotator.chosen("decision") == {decision}
        assert marks(annotator) == [None] * 3, "no key sets a verdict on all steps at once"
    annotator.submit_by_key()
    (task, *_) = (each for each in annotator.tasks() if each["annotations"])
    annotator.reopen(task["id"])
    assert annotator.chosen("decision") == {"right"}
    annotator.press("2")
    mark(annotator, "good", "bad")
    annotator.update()
    (reading,) = annotator.readings()
    assert [step.good for step in reading.records[0].steps] == [True, False]


def test_a_chain_that_is_not_there_is_written(annotator_of):
    alone = Demonstration((Turn("user", ASKED["en"]),), ())
    annotator = annotator_of(KIND, "en", [alone], {0: Answer(noticed=("empty",))})
    annotator.open()
    annotator.write(RIGHT["en"], "chain")
    annotator.write("204", "final")
    annotator.click("decision", "right")
    annotator.submit_by_click()
    (reading,) = annotator.readings()
    (record,) = reading.records
    assert record.response == (Turn("assistant", "204", RIGHT["en"]),)
    assert record.parents[0].origin == "human"


def test_steps_from_data_make_no_request_and_run_nothing(annotator_of, hostile):
    turn = Turn("assistant", "4", hostile.text)
    record = Demonstration((Turn("user", hostile.text),), (turn,))
    annotator = annotator_of(KIND, "en", [record])
    annotator.open()
    hostile.assert_shown_as_text(annotator)
    annotator.press("1")
    annotator.submit_by_key()
    hostile.assert_silent(annotator)
    (reading,) = annotator.readings()
    assert reading.records[-1].response[0].reasoning.split() == hostile.text.split()
