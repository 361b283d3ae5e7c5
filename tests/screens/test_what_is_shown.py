"""What is on the screen is the text: every letter, its raw form a click away, fit to be read."""

from __future__ import annotations

import time

import pytest
from chromium import COLOURS, until
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from shown_text import Shown, letters
from tricky_texts import TRICKY, rows, strings

from goldleaf.core.records import Candidate, Comparison, Demonstration, Turn
from goldleaf.label_configs.registry import kinds
from goldleaf.label_configs.safe_html import to_safe_html

pytestmark = [pytest.mark.label_studio, pytest.mark.browser]

LONG = ("Water boils sooner where the air is thin. " * 30)[:1000]
CODE = "```python\ndef f(*a, **b):\n    return a  # \\\\ \\{\n```\n**Done.**"
LOSER = r"Since \(a^2\), **see** `C:\*.txt`, __init__.  Two blanks" + "\n\n\ttab\\"

WALK = """
return [...document.querySelectorAll('.gl .gl-text')].map(text => {
  let whole = '', visible = '', faults = [];
  const walk = document.createTreeWalker(text, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const node = walk.currentNode, range = document.createRange();
    const mark = node.parentElement.closest('.gl-mark');
    whole += node.data;
    range.selectNodeContents(node);
    if (mark) { if (range.getClientRects().length) faults.push('mark ' + node.data); continue }
    visible += node.data;
    if (!getComputedStyle(node.parentElement).whiteSpace.startsWith('pre'))
      faults.push('blanks collapse in ' + node.data.slice(0, 20));
    for (let i = 0; i < node.data.length; i++) if (/[!-~\\u4e00-\\u9fff]/.test(node.data[i])) {
      range.setStart(node, i); range.setEnd(node, i + 1);
      const box = range.getBoundingClientRect();
      if (!box.width || !box.height) faults.push('no place for ' + node.data[i]) } }
  return [whole, visible, faults] })
"""
"""Each text as the browser holds it, its visible part, and letters that take no room."""

OUTLINES = (
    COLOURS
    + """
const all = '.gl .ant-radio-inner, .gl .ant-checkbox-inner, .gl textarea, .gl input.ant-input, '
  + '.gl .lsf-choices_layout_select button';
for (const e of document.querySelectorAll(all)) if (e.getClientRects().length) {
  const [x, y] = [parse(getComputedStyle(e).borderTopColor), behind(e.parentElement)].map(light);
  found.push([(Math.max(x, y) + 0.05) / (Math.min(x, y) + 0.05), e.className]) }
return found
"""
)
"""Contrast of the outline of every control with what is around it (WCAG 2.2, 1.4.11: 3:1)."""

LINES = """
const node = arguments[0].firstChild, range = document.createRange(), rows = {};
for (let i = 0; i < node.data.length; i++) {
  range.setStart(node, i); range.setEnd(node, i + 1);
  const top = Math.round(range.getBoundingClientRect().top);
  rows[top] = (rows[top] || '') + node.data[i] }
return Object.values(rows)
"""
"""The lines into which a browser broke a text."""


def example(prompt, answer):
    return Demonstration((Turn("user", prompt),), (Turn("assistant", answer),))


def pair(prompt, a, b):
    answers = (Candidate((Turn("assistant", text),)) for text in (a, b))
    return Comparison((Turn("user", prompt),), tuple(answers))


THIRD = "Neither the one nor the other."
BOXES = {
    "dialogue": "edit_0",
    "instruction": "answer",
    "preference": "edit_a",
    "ranking": "edit_0",
    "reasoning": "chain",
    "refusal": "corrected",
    "tool_use": "output",
}
"""The box of each kind in which an answer is edited; of two and more, the first one's."""


def record_of(kind, prompt, text, other=LOSER):
    """Return a record with this answer; where answers are compared, with others beside it."""
    if kind not in ("preference", "ranking"):
        return example(prompt, text)
    more = (THIRD,) if kind == "ranking" else ()
    answers = (Candidate((Turn("assistant", each),)) for each in (text, other, *more))
    return Comparison((Turn("user", prompt),), tuple(answers))


def others(kind):
    """Return the answers that `record_of` shows beside the one."""
    return {"preference": {LOSER}, "ranking": {LOSER, THIRD}}.get(kind, set())


def edit_boxes_of(annotator):
    """Decide so that the edit boxes of answers are shown; return those that are."""
    kind = annotator.kind.name
    if kind == "preference":
        annotator.press("2")
    if kind == "ranking":
        for place in range(3):
            annotator.press("1")
            until(annotator.chrome, lambda _, place=place: len(boxes_shown(annotator)) > place)
    return [annotator.box(BOXES[kind])] if kind != "ranking" else boxes_shown(annotator)


def boxes_shown(annotator):
    found = elements(annotator, ".gl-side .gl-edit textarea")
    return [box for box in found if box.is_displayed()]


def elements(annotator, css):
    return annotator.chrome.find_elements(By.CSS_SELECTOR, css)


def test_no_letter_is_lost_in_a_real_browser(annotator_of):
    real = [
        text
        for name in ("gsm8k_train.jsonl.gz", "text2sql_dev.jsonl.gz")
        for row in rows(name, 10)
        for text in strings(row)
    ]
    texts = [*TRICKY, *real]
    context = [Turn("assistant" if n % 2 else "user", text) for n, text in enumerate(texts)]
    record = Demonstration((*context, Turn("user", LOSER)), (Turn("assistant", LOSER),))
    annotator = annotator_of(kinds()["refusal"], "en", [record])
    annotator.open()
    found = annotator.chrome.execute_script(WALK)
    assert len(found) == len(texts) + 2
    for text, (whole, visible, faults) in zip([*texts, LOSER, LOSER], found, strict=True):
        assert whole == letters(text)
        assert visible == Shown(to_safe_html(text)).visible
        assert faults == [], text


@pytest.mark.parametrize(
    ("kind", "lang"), [(kind, ("en", "zh")[place % 2]) for place, kind in enumerate(BOXES)]
)
def test_the_raw_text_is_a_click_or_a_key_away(annotator_of, kind, lang):
    title = {"en": "Raw text", "zh": "原文"}[lang]
    annotator = annotator_of(kinds()[kind], lang, [record_of(kind, "Why \\{x\\}?", CODE)])
    annotator.open()
    expected = {letters(text) for text in ("Why \\{x\\}?", CODE, *others(kind))}
    if kind == "preference":
        annotator.press("2")  # the loser's raw text must be there after the decision too
    folds = [fold for fold in elements(annotator, ".gl .gl-raw") if fold.is_displayed()]
    assert len(folds) == len(expected)
    for number, fold in enumerate(folds):
        raw, summary = (fold.find_element(By.CSS_SELECTOR, css) for css in ("pre", "summary"))
        assert not raw.is_displayed()
        assert title in annotator.chrome.execute_script(
            "return getComputedStyle(arguments[0], '::before').content", summary
        )
        annotator.chrome.execute_script("arguments[0].scrollIntoView({block: 'center'})", summary)
        if number % 2:
            summary.click()
        else:
            summary.send_keys(Keys.SPACE)
        time.sleep(0.2)
        assert raw.is_displayed()
        assert raw.get_property("textContent") in expected
    assert {
        fold.find_element(By.TAG_NAME, "pre").get_property("textContent") for fold in folds
    } == (expected)
    assert annotator.annotations() == [], "no key of the fold is one of the screen's"


@pytest.mark.parametrize("kind", BOXES)
def test_a_text_with_code_is_edited_in_letters_of_one_width(annotator_of, kind):
    texts = [(CODE, True), ("SELECT a FROM b", True), (LONG, False)]
    records = [
        record_of(kind, f"Why {number}?", text, LONG) for number, (text, _) in enumerate(texts)
    ]
    annotator = annotator_of(kinds()[kind], "en", records)
    annotator.open()
    for number, (_, mono) in enumerate(texts):
        if number:
            annotator.skip()
        assert f"Why {number}?" in annotator.texts()
        faces = [box.value_of_css_property("font-family") for box in edit_boxes_of(annotator)]
        assert any("monospace" in face for face in faces) == mono


@pytest.mark.parametrize("kind", BOXES)
def test_outlines_are_seen_and_lines_are_of_a_length_to_read(annotator_of, kind):
    record = record_of(kind, LONG, LONG, LONG + "!")
    annotator = annotator_of(kinds()[kind], "en", [record])
    size = annotator.SIZES[list(BOXES).index(kind) % 3]
    annotator.open(size)
    for scheme in ("dark", "light"):
        annotator.chrome.execute_script(
            "document.documentElement.dataset.colorScheme = arguments[0]", scheme
        )
        deadline = time.monotonic() + 30  # colours fade over, on a busy machine slowly
        while (worst := min(annotator.chrome.execute_script(OUTLINES)))[0] < 3:
            assert time.monotonic() < deadline, (scheme, worst)
            time.sleep(0.2)
    for text in elements(annotator, ".gl .gl-text"):
        lines = annotator.chrome.execute_script(LINES, text)
        assert max(len(line.strip()) for line in lines) <= 92, (size, lines)


@pytest.mark.parametrize("size", [(1280, 800), (1920, 1080)])
def test_the_same_text_breaks_into_the_same_lines_left_and_right(annotator_of, size):
    style = """
const e = arguments[0], c = getComputedStyle(e), box = e.getBoundingClientRect();
return [c.fontSize, c.lineHeight, c.fontFamily,
  e.clientWidth - parseFloat(c.paddingLeft) - parseFloat(c.paddingRight)]
"""
    annotator = annotator_of(kinds()["preference"], "en", [pair("Why?", LONG, LONG.upper()[:500])])
    annotator.open(size)
    left, right = elements(annotator, ".gl .gl-answer .gl-text")
    assert left.rect["y"] == right.rect["y"]
    annotator.press("2")  # the winner's box comes above its text
    left, right = elements(annotator, ".gl .gl-answer .gl-text")
    box = annotator.box()
    looks = [annotator.chrome.execute_script(style, each) for each in (left, right, box)]
    assert looks[0] == looks[1]
    assert looks[0][:3] == looks[2][:3]
    for kind in ("instruction", "refusal"):
        annotator = annotator_of(kinds()[kind], "en", [example("Why?", LONG)])
        annotator.open(size)
        given = elements(annotator, ".gl .gl-given .gl-text")[-1]
        box = annotator.box("answer" if kind == "instruction" else "corrected")
        looks = [annotator.chrome.execute_script(style, each) for each in (given, box)]
        assert looks[0] == looks[1]
        assert abs(given.rect["y"] - box.rect["y"] - 9) <= 1, "border and padding of the box"
