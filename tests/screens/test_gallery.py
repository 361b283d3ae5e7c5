"""Pictures of the screens as they are; `make gallery` takes all anew into `docs/screens/`."""

from __future__ import annotations

import base64
import json
import os
import time
from pathlib import Path

import pytest
from selenium.webdriver.common.by import By

from goldleaf.backend.predictors.predictor import Draft
from goldleaf.backend.predictors.predictor_registry import open_predictor
from goldleaf.core.records import Candidate, Comparison, Demonstration, Record, Turn
from goldleaf.label_configs.kind import Kind
from goldleaf.label_configs.registry import kinds
from goldleaf.sources.read_file import read_file

pytestmark = [pytest.mark.label_studio, pytest.mark.browser]

SIZE = (1366, 768)
GALLERY = os.environ.get("GOLDLEAF_PICTURES", "")
QUALITY = 80
"""Of WebP: letters are sharp, and fourteen pictures together stay under 1.5 MB."""
SAMPLES = {
    "dialogue": (0, 15),
    "instruction": (3, 20),
    "preference": (3, 19),
    "ranking": (2, 17),
    "reasoning": (1, 17),
    "refusal": (4, 21),
    "tool_use": (0, 17),
}
"""The sample row that is shown, from 0, in English and in Chinese."""
DECISIONS = {
    "instruction": ("verdict", "fixed"),
    "reasoning": ("decision", "wrong"),
    "refusal": ("decision", "benign_comply"),
    "tool_use": ("decision", "call"),
}
"""What is clicked for the picture; of a preference it is the answer that does not refuse."""


def sample(kind: Kind, lang: str, folder: Path) -> Record:
    """Return the record of the sample row that is shown."""
    file = folder / f"{kind.name}.jsonl"
    row = kind.sample_tasks()[SAMPLES[kind.name][lang == "zh"]]
    file.write_text(json.dumps(row, ensure_ascii=False), "utf-8")
    (read,) = read_file(file, "feedback", licence="Apache-2.0", consent="written for goldleaf")
    return read.records[0]


def take(annotator, name: str, folder: Path) -> None:
    """Store a picture of the window as WebP."""
    time.sleep(1)  # fonts, and what fades
    form = {"format": "webp", "quality": QUALITY}
    shot = annotator.chrome.execute_cdp_cmd("Page.captureScreenshot", form)
    picture = base64.b64decode(shot["data"])
    assert picture[:4] == b"RIFF" and len(picture) > 10_000
    (folder / name).write_bytes(picture)


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


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("name", SAMPLES if GALLERY else ["preference"])
def test_a_picture_shows_a_draft_and_what_is_decided(annotator_of, tmp_path, name, lang):
    kind = kinds()[name]
    record = sample(kind, lang, tmp_path)
    (draft,) = open_predictor("rules", tmp_path).drafts(kind, [kind.codec.to_task(record)])
    drafted = {}
    if isinstance(draft, Draft):
        drafted = {0: kind.parse_annotation(draft.values, kind.codec.to_task(record))}
    annotator = annotator_of(kind, lang, [record], drafted)
    annotator.open(SIZE)
    if name == "preference":
        (noticed,) = annotator.chosen("noticed")
        annotator.click("decision", {"a_refuses": "b", "b_refuses": "a"}[noticed])
        box = annotator.box()
        assert "Ctrl+Enter" in hint_of(annotator, box)
        more = annotator.chrome.find_elements(By.CSS_SELECTOR, ".gl-more")
        annotator.assert_in_view([box, *more])
    elif name in DECISIONS:
        annotator.click(*DECISIONS[name])
    take(annotator, f"{name}.{lang}.webp", Path(GALLERY) if GALLERY else tmp_path)


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
