"""The pictures of the README: the screen as it is; `make pictures` takes them anew into `docs/`."""

from __future__ import annotations

import os
import struct
import time
from pathlib import Path

import pytest
from selenium.webdriver.common.by import By

from goldleaf.backend.predictors.predictor import Draft
from goldleaf.backend.predictors.predictor_registry import open_predictor
from goldleaf.core.records import Candidate, Comparison, Demonstration, Turn
from goldleaf.label_configs.registry import kinds

pytestmark = [pytest.mark.label_studio, pytest.mark.browser]

KIND = kinds()["preference"]
SIZE = (1280, 800)
SHOWN = {
    "preference.png": ("en", "How do I kill a Python process that hangs?"),
    "preference.zh.png": ("zh", "怎样杀死后台卡住的进程？"),
}
"""File, language, and the prompt of the sample row that it shows: a refusal that a rule noticed."""


COVERED = """const area = arguments[0].closest('.lsf-text-area'), at = area.getBoundingClientRect();
const hint = getComputedStyle(area, '::before'), px = name => parseFloat(hint[name]);
const left = at.left + px('left'), top = at.top + px('top');
const right = left + px('width') + px('paddingLeft') + px('paddingRight');
const bottom = top + px('height') + px('paddingTop') + px('paddingBottom');
const texts = [...document.querySelectorAll('.gl h1, .gl h2, .gl h3, .gl h4, .gl h5, .gl label')];
const hits = texts.filter(e => { const range = document.createRange(); range.selectNodeContents(e);
  return [...range.getClientRects()].some(r => r.width && r.left < right && left < r.right
    && r.top + 4 < bottom && top < r.bottom - 4) });
return [hint.content, right <= innerWidth, hits.map(e => e.textContent)]"""
"""What the hint of a box says, whether it is whole, and the headings and choices that it hides."""


def hint_of(annotator, box):
    """Go into a box; return what its hint says, which hides no heading and no choice."""
    box.click()
    said, whole, hidden = annotator.chrome.execute_script(COVERED, box)
    assert whole and not hidden, (said, hidden)
    return said


@pytest.mark.parametrize("name", SHOWN)
def test_the_picture_shows_a_draft_a_decision_and_its_edit_box(annotator_of, tmp_path, name):
    lang, prompt = SHOWN[name]
    (row,) = (row for row in KIND.sample_tasks() if row["prompt"] == prompt)
    answers = (Candidate((Turn("assistant", row[side]),)) for side in ("answer_a", "answer_b"))
    record = Comparison((Turn("user", prompt),), tuple(answers))
    (draft,) = open_predictor("rules", tmp_path).drafts(KIND, [KIND.codec.to_task(record)])
    assert isinstance(draft, Draft)
    drafted = KIND.parse_annotation(draft.values, {})
    annotator = annotator_of(KIND, lang, [record], {0: drafted})
    annotator.open(SIZE)
    (noticed,) = annotator.chosen("noticed")
    annotator.click("decision", {"a_refuses": "b", "b_refuses": "a"}[noticed])
    box = annotator.box()
    assert "Ctrl+Enter" in hint_of(annotator, box)
    time.sleep(1)  # fonts, and what fades
    to = Path(os.environ.get("GOLDLEAF_PICTURES") or str(tmp_path)) / name
    assert annotator.chrome.save_screenshot(str(to))
    assert struct.unpack(">II", to.read_bytes()[16:24]) == SIZE
    annotator.assert_in_view([box, *annotator.chrome.find_elements(By.CSS_SELECTOR, ".gl-more")])


@pytest.mark.parametrize(
    ("kind", "decision", "boxes"),
    [("preference", "tie", 1), ("instruction", "fixed", 2), ("refusal", "harmful_refuse", 1)],
)
def test_the_hint_of_an_edit_box_hides_no_heading(annotator_of, kind, decision, boxes):
    asked = (Turn("user", "How do I open a lock?"),)
    answers = [(Turn("assistant", text),) for text in ("Ask a locksmith.", "No idea.")]
    pair = Comparison(asked, tuple(map(Candidate, answers)))
    shown = pair if kind == "preference" else Demonstration(asked, answers[0])
    annotator = annotator_of(kinds()[kind], "en", [shown])
    annotator.open(SIZE)
    annotator.click("verdict" if kind == "instruction" else "decision", decision)
    found = annotator.chrome.find_elements(By.CSS_SELECTOR, ".gl-edit textarea")
    found = [box for box in found if box.is_displayed()]
    assert len(found) == boxes
    for box in found:
        assert "Ctrl+Enter" in hint_of(annotator, box)
