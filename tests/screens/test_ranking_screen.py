"""The ranking screen in a real browser, both languages: what is seen, clicked and read back."""

from __future__ import annotations

import json

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from goldleaf.core.records import Candidate, Comparison, Turn
from goldleaf.exporters.export import export
from goldleaf.label_configs.ranking.codec import Answer, AnswerRank
from goldleaf.label_configs.registry import kinds
from goldleaf.recipes.recipe import Recipe
from goldleaf.recipes.sections import Split

pytestmark = [pytest.mark.label_studio, pytest.mark.browser]

KIND = kinds()["ranking"]
PROMPT = {"en": "Why does water boil sooner on a mountain?", "zh": "为什么水在山上更早沸腾？"}
LONG = {
    "en": ("Water boils sooner where the air is thin. " * 20)[:600],
    "zh": ("山上的空气稀薄，气压较低，所以水在更低的温度下就会沸腾。" * 20)[:300],
}
BAD = {"en": "Not acceptable", "zh": "不可用"}
EDIT = {"en": "Lower pressure, lower boiling point.", "zh": "气压低，沸点就低。"}
languages = pytest.mark.parametrize("lang", ["en", "zh"])
ROWS = """return [...document.querySelectorAll('.gl-rank')].map(row =>
  [...row.querySelectorAll('label')].filter(e => e.offsetParent).map(e =>
    [e.querySelector('input').name, e.querySelector('input').checked]))"""
"""The ranks that can be seen beside each answer, by their name, and which is set."""


def comparison(prompt, answers):
    candidates = (Candidate((Turn("assistant", text),), drafted_by=text[:5]) for text in answers)
    return Comparison((Turn("user", prompt),), tuple(candidates))


def ranks(annotator):
    """Return the name of the rank beside each answer, "" for none."""
    rows = annotator.chrome.execute_script(ROWS)
    return [next((name for name, chosen in row if chosen), "") for row in rows]


def give(annotator, place, name):
    """Click a rank beside an answer."""
    row = annotator.chrome.find_elements(By.CSS_SELECTOR, ".gl-rank")[place]
    label = row.find_element(By.XPATH, f".//label[.//input[@name='{name}']]")
    annotator.chrome.execute_script("arguments[0].scrollIntoView({block: 'center'})", label)
    label.click()
    annotator.settle()


@languages
def test_each_answer_and_its_ranks_are_in_view_together(annotator_of, lang):
    three = [LONG[lang], LONG[lang][::-1], LONG[lang][1:]]
    eight = [f"{number} {PROMPT[lang]}" for number in range(8)]
    drafted = Answer((AnswerRank(noticed=("refuses",)),) + (AnswerRank(),) * 2)
    records = [comparison(PROMPT[lang], three), comparison(PROMPT[lang] + "!", eight)]
    annotator = annotator_of(KIND, lang, records, {0: drafted})
    annotator.open()
    texts = annotator.chrome.find_elements(By.CSS_SELECTOR, ".gl-entry .gl-given")
    rows = annotator.chrome.find_elements(By.CSS_SELECTOR, ".gl-rank")
    annotator.assert_in_view([*texts[:2], *rows])
    for text, row in zip(texts, rows, strict=True):
        assert text.rect["y"] <= row.rect["y"] < text.rect["y"] + 20
        assert text.rect["x"] + text.rect["width"] < row.rect["x"]
        assert text.rect["width"] > 500  # at least 45 characters of English
    shown = annotator.chrome.execute_script(ROWS)
    assert [name for name, _ in shown[0]] == ["1", "2", "3", BAD[lang]]
    refuses = annotator.names["noticed_{{idx}}"]["refuses"]
    boxes = annotator.chrome.find_elements(By.CSS_SELECTOR, f".gl input[name='{refuses}']")
    assert [box.is_selected() for box in boxes] == [True, False, False]
    assert ranks(annotator) == ["", "", ""], "no rank is there before the annotator's"
    annotator.assert_readable()
    give(annotator, 0, "1")
    annotator.button("submit").click()
    modal = annotator.wait("[class*=modal] button")
    assert annotator.annotations() == [], "an answer without a rank is asked for"
    modal.click()
    for place, name in enumerate(["1", "1", BAD[lang]]):
        if ranks(annotator)[place] != name:
            give(annotator, place, name)
    assert ranks(annotator) == ["1", "1", BAD[lang]], "a tie is seen as a tie"
    assert annotator.submit_by_click() == 1
    shown = annotator.chrome.execute_script(ROWS)
    assert [len(row) for row in shown] == [9] * 8
    annotator.assert_readable()
    (reading,) = annotator.readings()
    assert reading.records[0].tags.issues == ("a_refuses",)
    assert [c.rank for c in reading.records[0].candidates] == [1, 1, 2]
    assert reading.records[0].parents[0].origin == "accepted"


@languages
def test_keys_clicks_edits_undo_skip_and_a_later_change(annotator_of, tmp_path, lang):
    records = [comparison(f"{PROMPT[lang]} ({n})", [f"{c} {n}" for c in "abcd"]) for n in range(6)]
    annotator = annotator_of(KIND, lang, records)
    annotator.open()
    # 0: by keys alone; the first answer without a rank gets the next digit, 0 takes one back
    annotator.press("2", "4", "0", "1", "9", "9")
    assert ranks(annotator) == ["2", "1", BAD[lang], BAD[lang]]
    assert annotator.submit_by_key() == 1
    # 1: a click on a set rank takes it back; the text of the best is edited
    for place, name in ((0, "1"), (0, "1"), (0, "2"), (1, "1"), (2, "3"), (3, "3")):
        give(annotator, place, name)
    assert ranks(annotator) == ["2", "1", "3", "3"]
    annotator.write(EDIT[lang], "edit_1")
    assert annotator.submit_by_click() == 2
    # 2: all are bad, and the annotator writes an answer
    annotator.press("9", "9", "9", "9")
    annotator.write(EDIT[lang], "own")
    annotator.choice("reasons", "correct").click()
    assert annotator.submit_by_click() == 3
    # 3: an edit that was undone with its rank is no edit
    annotator.press("1")
    annotator.write(EDIT[lang], "edit_0")
    box = annotator.box("edit_0")
    box.send_keys(Keys.SHIFT, Keys.ENTER)
    annotator.press("0", "2", "1", "2", "2")
    assert ranks(annotator) == ["2", "1", "2", "2"]
    assert annotator.submit_by_key() == 4
    # 4: one step undone
    annotator.press("1", "2")
    annotator.button("undo").click()
    annotator.settle()
    assert ranks(annotator) == ["1", "", "", ""]
    annotator.press("1", "1", "1")
    assert annotator.submit_by_key() == 5
    assert annotator.skip() == 6

    found = [outcome(reading) for reading in annotator.readings()]
    assert found[0] == ([2, 1, 3, 3], [True, True, False, False], [])
    assert found[1] == ([3, 2, 4, 4], [True] * 4, [(EDIT[lang], "edited")])
    assert found[2] == ([2] * 4, [False] * 4, [(EDIT[lang], "human")])
    assert found[3] == ([2, 1, 2, 2], [True] * 4, [])
    assert found[4] == ([1] * 4, [True] * 4, [])
    assert found[5] == "cancelled"
    assert annotator.readings()[2].records[0].tags.reasons == ("correct",)

    # a submitted answer is opened again and changed
    annotator.reopen(annotator.tasks()[0]["id"])
    assert ranks(annotator) == ["2", "1", BAD[lang], BAD[lang]]
    give(annotator, 2, "1")
    annotator.update()
    assert outcome(annotator.readings()[0])[0] == [2, 1, 1, 3]

    outcome_ = export(annotator.readings(), Recipe(split=Split(test=0.0)), tmp_path, lang=lang)
    assert outcome_.reasons == {"rejected": {"cancelled": 1}, "dropped": {"tie": 1}}
    dpo = rows(outcome_.out, "dpo")
    own = [row for row in dpo if row["chosen"][-1]["content"] == EDIT[lang]]
    # the edit over the best and the worst; the own answer over four bad ones; two plain rankings
    assert (len(own), len(dpo)) == (3 + 4, 3 + 4 + 2)
    assert [row["messages"][-1]["content"] for row in rows(outcome_.out, "sft")] == [EDIT[lang]] * 2


def rows(out, table):
    text = (out / "trl" / table / "train.jsonl").read_text("utf-8")
    return [json.loads(line) for line in text.splitlines()]


def outcome(reading):
    """Return ranks and acceptability of the answers as shown, and the texts that were written."""
    if reading.reason:
        return reading.reason
    (record,) = reading.records
    shown = [c for c in record.candidates if c.origin == "imported"]
    written = [(c.turns[0].content, c.origin) for c in record.candidates if c.origin != "imported"]
    return [c.rank for c in shown], [c.acceptable for c in shown], written
