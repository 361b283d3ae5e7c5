"""The keyboard and typed text in a real browser: no focus is a dead end, no way out loses a text.

In our own Label Studio, and in one that has the screen alone. What takes minutes is tried once for
each kind, the languages and the two in turn, from some focuses drawn by a seed; `make keys` tries
all.
"""

from __future__ import annotations

import os
import random
import re
import time
from xml.etree.ElementTree import fromstring

import pytest
from chromium import until
from selenium.webdriver import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from goldleaf.core.records import Candidate, Comparison, Demonstration, Turn
from goldleaf.label_configs.refusal.codec import Answer
from goldleaf.label_configs.registry import kinds

pytestmark = [pytest.mark.label_studio, pytest.mark.browser, pytest.mark.timeout(900)]

DECISIVE = {
    "dialogue": ("verdict", "usable"),
    "instruction": ("verdict", "good"),
    "preference": ("decision", "a"),
    "ranking": ("rank_{{idx}}", "1"),
    "reasoning": ("decision", "right"),
    "refusal": ("decision", "harmful_refuse"),
    "tool_use": ("decision", "no_tool"),
}
"""The control that lets each kind be submitted, and a choice; of a ranking, of every answer."""
BOXES = ".gl textarea, .gl input:not([type=radio], [type=checkbox])"
FOCUS = """const e = document.activeElement;
return e === document.body ? null : e"""
STATE = """return [...document.querySelectorAll('.gl .lsf-choice input')].map(e => e.checked)
  .concat(document.querySelectorAll('.gl .ant-rate-star-full').length)"""
PATH = """let e = arguments[0], path = '';
for (; e.parentElement; e = e.parentElement)
  path = ` > :nth-child(${[...e.parentElement.children].indexOf(e) + 1})` + path;
return ':root' + path"""
SAID = """const shown = e => { if (!e) return '';
  const style = getComputedStyle(e, '::before'), box = e.getBoundingClientRect();
  return style.content === 'none' || style.visibility === 'hidden' || !box.width ? ''
    : style.content.replace(/^"|"$/g, '') };
return shown(arguments[0] ? arguments[0].closest('.lsf-text-area')
  : document.querySelector('.lsf-controls'))"""
LABELS = """return [...document.querySelectorAll('.gl .lsf-choice label')]
  .filter(e => e.checkVisibility({visibilityProperty: true}) && e.getClientRects().length)"""
"""The labels of the choices that are shown; each click draws them anew."""
EVERY = bool(os.environ.get("GOLDLEAF_EVERY_SCREEN"))
LANGUAGES, PAGES = ("en", "zh"), ("ours", "screen_alone")
SCREENS = [(kind, lang, page) for kind in DECISIVE for lang in LANGUAGES for page in PAGES]
SOME = [(kind, LANGUAGES[place % 2], PAGES[place // 2 % 2]) for place, kind in enumerate(DECISIVE)]
each_kind = pytest.mark.parametrize(
    ("kind", "lang", "ours"), SCREENS if EVERY else SOME, indirect=["ours"]
)


@pytest.fixture
def ours(request, chromium):
    """Whether Label Studio runs our script; where not, the browser does not get it."""
    blocked = [] if request.param == "ours" else ["*/goldleaf/*.js"]
    chromium.execute_cdp_cmd("Network.enable", {})
    chromium.execute_cdp_cmd("Network.setBlockedURLs", {"urls": blocked})
    yield not blocked
    chromium.execute_cdp_cmd("Network.setBlockedURLs", {"urls": []})


class Hands:
    """Keys, what they did, and what the screen says about them."""

    def __init__(self, annotator, ours):
        self.annotator = annotator
        self.chrome = annotator.chrome
        self.stored = 0
        self.digits = {
            element.attrib["hotkey"]
            for element in fromstring(annotator.kind.config(annotator.lang)).iter()
            if element.get("hotkey", "").isdigit() and len(element.attrib["hotkey"]) == 1
        }
        if annotator.kind.name == "ranking" and ours:  # there the digits are our script's
            self.digits = {"1", "2"}

    def press(self, *keys):
        chain = ActionChains(self.chrome)
        for key in keys[:-1]:
            chain.key_down(key)
        chain.send_keys(keys[-1])
        for key in keys[:-1]:
            chain.key_up(key)
        chain.perform()

    def focus(self):
        return self.chrome.execute_script(FOCUS)

    def said(self, box=None):
        return self.chrome.execute_script(SAID, box)

    def state(self):
        return self.chrome.execute_script(STATE)

    def changes(self, digit):
        """Press a digit; return whether an answer changed."""
        if self.annotator.kind.name == "ranking":  # the last rank is taken back first
            self.press("0")
            self.annotator.settle()
        before = self.state()
        self.press(digit)
        deadline = time.monotonic() + 30
        while self.state() == before:
            if time.monotonic() > deadline:
                return False
            time.sleep(0.01)
        return True

    def walk(self):
        """Press Tab until the page has been gone round; return what took the focus, but boxes."""
        reached = []
        self.look_at("body")
        for _ in range(60):
            self.press(Keys.TAB)
            focus = self.focus()
            if focus is None:
                continue
            assert focus.get_attribute("type") not in ("radio", "checkbox")
            assert focus.get_attribute("role") not in ("radio", "radiogroup")
            path = self.chrome.execute_script(PATH, focus)
            if path in reached:
                break
            if not self.in_a_box():
                reached.append(path)
        return reached

    def look_at(self, path):
        """Put the focus there; on the body is nowhere."""
        script = "document.activeElement.blur(); document.querySelector(arguments[0])?.focus()"
        self.chrome.execute_script(script, path)

    def write_into(self, number, text):
        """Decide, go into a box and type; return what the screen says there."""
        decide(self.annotator)
        deadline = time.monotonic() + 30
        while not self.in_a_box() and time.monotonic() < deadline:  # drafts draw a new task twice
            boxes = self.chrome.find_elements(By.CSS_SELECTOR, BOXES)
            box = [box for box in boxes if box.is_displayed()][number]
            self.chrome.execute_script("arguments[0].scrollIntoView({block: 'center'})", box)
            box.click()
            time.sleep(0.3)
        box = self.focus()
        if text:
            box.send_keys(text)
        said = self.said(box)
        assert said
        return said

    def in_a_box(self):
        focus = self.focus()
        return focus is not None and focus.tag_name in ("textarea", "input")

    def follow(self, said):
        """Press the key that the screen names first, as a reader would."""
        found = re.search(r"(?<!\+)(Shift\+Enter|Enter|Tab|Esc)", said)
        assert found, said
        first = found[1]
        if "Tab" in said and not self.focus().get_property("value"):
            first = "Tab"
        if first == "Tab":
            while self.in_a_box():
                self.press(Keys.TAB)
        elif first == "Shift+Enter":
            self.press(Keys.SHIFT, Keys.ENTER)
        else:
            self.press({"Enter": Keys.ENTER, "Esc": Keys.ESCAPE}[first])
        time.sleep(0.3)

    def submits(self):
        """Press Ctrl and Enter; return whether an annotation was stored."""
        self.stored += 1
        return self.annotator.submit_by_key() == self.stored


def seated(annotator_of, kind, lang, count, ours=True):
    """Sit down before tasks of a kind; the refusals have all but the decision drafted."""
    question = {"en": "How does it work?", "zh": "这是怎么回事？"}[lang]
    prompts = [(Turn("user", f"{question} ({n})"),) for n in range(count)]
    texts = ["One answer.", "Another answer.", "A third answer."]
    answers = [(Turn("assistant", text),) for text in texts]
    if kind in ("preference", "ranking"):
        shown = tuple(Candidate(answer, drafted_by="x") for answer in answers)
        several = shown if kind == "ranking" else shown[:2]
        records = [Comparison(prompt, several) for prompt in prompts]
    else:
        records = [Demonstration(prompt, answers[0]) for prompt in prompts]
    draft = Answer(did="full_refusal", risk="theft")
    drafts = dict.fromkeys(range(count), draft) if kind == "refusal" else None
    annotator = annotator_of(kinds()[kind], lang, records, drafts)
    annotator.open()
    return annotator, Hands(annotator, ours)


def decide(annotator):
    """Choose one decision, unless it is chosen; of a ranking, one for every answer."""
    control, alias = DECISIVE[annotator.kind.name]
    css = f".gl input[name='{annotator.names[control][alias]}']"
    for place in range(len(annotator.chrome.find_elements(By.CSS_SELECTOR, css))):
        chosen = annotator.chrome.find_elements(By.CSS_SELECTOR, css)[place]
        if chosen.is_selected():
            continue
        label = chosen.find_element(By.XPATH, "ancestor::label")
        annotator.chrome.execute_script("arguments[0].scrollIntoView({block: 'nearest'})", label)
        label.click()
        until(
            annotator.chrome,
            lambda chrome, place=place: chrome.find_elements(By.CSS_SELECTOR, css)[
                place
            ].is_selected(),
        )


@each_kind
def test_why_submit_is_grey_is_said_and_what_has_a_key_takes_no_focus_away(
    annotator_of, ours, kind, lang
):
    annotator, hands = seated(annotator_of, kind, lang, 1, ours)
    if kind != "refusal":  # there the drafted answers are enough to submit, and each lack is asked
        assert not annotator.button("submit").is_enabled()
        assert {"en": "Submit is grey until", "zh": "才能提交"}[lang] in hands.said()
    decide(annotator)
    assert annotator.button("submit").is_enabled() and hands.said() == ""
    annotator.box().click()
    assert hands.in_a_box()
    for number in range(len(hands.chrome.execute_script(LABELS))):
        for _ in "once", "again":
            hands.chrome.execute_script(LABELS)[number].click()
            assert hands.focus() is None, number
    for star in annotator.stars():
        star.click()
        assert hands.focus() is None
    if kind == "refusal":
        annotator.click("risk", "fraud")
        assert not hands.in_a_box()


@each_kind
def test_every_key_works_from_every_focus_or_the_box_says_which(annotator_of, ours, kind, lang):
    """On one opened page: from whatever takes the focus but boxes, then in the first and last box.

    An answer is submitted from each.
    """
    annotator, hands = seated(annotator_of, kind, lang, 52 if EVERY else 17, ours)
    from_every_focus(annotator, hands, random.Random(f"{kind} {lang}"))
    in_a_box(hands, ours)


def from_every_focus(annotator, hands, chance):
    decide(annotator)
    reached = hands.walk()
    assert len(reached) > 5
    if not EVERY:
        reached = chance.sample(reached, 4)
    for path in ["body", *reached]:
        for digit in sorted(hands.digits):
            hands.look_at(path)
            assert hands.changes(digit), (path, digit)
        decide(annotator)
        hands.look_at(path)
        assert hands.submits(), path


def in_a_box(hands, ours):
    for number in 0, -1:
        for typed in "", "new":
            said = hands.write_into(number, typed)
            hands.follow(said)
            for digit in sorted(hands.digits):
                assert hands.changes(digit), (said, digit)
            decide(hands.annotator)
            assert hands.submits(), said
            if ours:
                said = hands.write_into(number, typed)
                assert "Ctrl+Enter" in said and hands.submits(), said


WAYS = ["breadcrumb", "address", "postpone", "back"]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("again", [False, True], ids=["typed", "edited_again"])
def test_text_typed_and_left_is_there_again(annotator_of, way, again):
    annotator, hands = seated(annotator_of, "instruction", "en", 2)
    chrome = annotator.chrome
    annotator.write("All that I thought of", "answer")
    if again:
        hands.press(Keys.SHIFT, Keys.ENTER)
        annotator.write("All that I thought of, twice", "answer")
    time.sleep(2)
    if way == "breadcrumb":
        chrome.find_element(By.CSS_SELECTOR, "a[href='/projects']").click()
    elif way == "address":
        chrome.get(f"{annotator.label_studio.url}/projects")
    elif way == "postpone":
        chrome.find_element(By.CSS_SELECTOR, "[data-testid=next-task]").click()
    else:
        chrome.back()
    text = "All that I thought of" + (", twice" if again else "")
    until(chrome, lambda _: text in drafted(annotator))


def drafted(annotator):
    """Return the texts of all drafts."""
    studio = annotator.label_studio.studio
    found = [d for t in annotator.tasks() for d in studio.get(f"/api/tasks/{t['id']}/drafts")]
    regions = [region for draft in found for region in draft["result"]]
    return [text for region in regions for text in region["value"].get("text", [])]


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("ours", ["screen_alone"], indirect=True)
def test_the_screen_alone_warns_before_a_text_is_lost(annotator_of, ours, lang):
    annotator, hands = seated(annotator_of, "instruction", lang, 2)
    annotator.write("All that I thought of", "answer")
    loses = {"en": "loses", "zh": "丢失"}[lang]
    assert loses in hands.said(annotator.box("answer"))
    annotator.click("verdict", "good")
    unkept = hands.said(annotator.box("answer"))
    assert loses in unkept and "Shift+Enter" in unkept
    annotator.box("answer").click()
    hands.press(Keys.SHIFT, Keys.ENTER)
    annotator.chrome.find_element(By.CSS_SELECTOR, "[data-testid=next-task]").click()
    until(annotator.chrome, lambda _: "All that I thought of" in drafted(annotator))


def test_a_digit_after_esc_is_a_decision_and_no_text(annotator_of):
    annotator, hands = seated(annotator_of, "instruction", "en", 1)
    annotator.write("A better answer", "answer")
    hands.press(Keys.ESCAPE)
    hands.press("2")
    assert hands.submits()
    (reading,) = annotator.readings()
    assert reading.records[0].response[0].content == "A better answer"
    values = [region["value"] for region in annotator.annotations()[0]["result"]]
    assert {"choices": ["fixed"]} in values
