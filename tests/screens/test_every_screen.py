"""What holds for the screens of all kinds: where a task is from, what is in view, what an edit did.

Each kind is tried in one language; `make keys` tries both.
"""

from __future__ import annotations

import os
from dataclasses import replace

import pytest
from answer_strategies import sample_records
from chromium import until
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from goldleaf.core.records import Comparison, Demonstration, Provenance
from goldleaf.label_configs.registry import kinds
from goldleaf.sources.structural_tags import language_of

pytestmark = [pytest.mark.label_studio, pytest.mark.browser]

LANGUAGES = ("en", "zh")
SCREENS = [(kind, lang) for kind in kinds() for lang in LANGUAGES]
SOME = [(kind, LANGUAGES[place % 2]) for place, kind in enumerate(kinds())]
BOXES = {
    "instruction": "answer",
    "dialogue": "edit_0",
    "refusal": "corrected",
    "reasoning": "chain",
    "tool_use": "output",
}
"""The edit box of each screen that shows one before anything is decided."""
FROM = {
    "en": ["Source: S3 (written by a model)", "Language: en (English)", "Model: "],
    "zh": ["来源：S3（模型生成）", "语言：zh（中文）", "模型："],
}
ADDED = {"en": "two words", "zh": "三个字"}
COUNTED = {"en": "Words changed: 2", "zh": "改动字数：3"}
JUDGED = ".gl-prompt, .gl-given, .gl-answer, .gl-step, .gl-tools"
"""The texts that an annotator judges."""
LINE = """const said = [];
for (const part of document.querySelector('.gl .gl-from')?.children ?? []) {
  const [before, after] = ['::before', '::after'].map(side => {
    const { content } = getComputedStyle(part, side);
    return content === 'none' ? '' : content.slice(1, -1) });
  said.push(before + part.textContent + after) }
return said"""
"""The parts of the line that says where a task is from, as they are read."""
CHANGES = """return [...document.querySelectorAll('.gl .gl-changes')].map(e => [
  e.querySelector('summary').textContent,
  [...e.querySelectorAll('del')].map(part => part.textContent).join(''),
  [...e.querySelectorAll('ins')].map(part => part.textContent).join('')])"""
"""What is said below the edit boxes: each summary, what is gone and what is new."""


def sample(kind, lang):
    """Return the first sample of a language as an import of a model's rows makes it."""
    records = sample_records(kinds()[kind])
    record = next(each for each in records if (language_of(each) == "zh") == (lang == "zh"))
    tags = replace(record.tags, language=lang)
    parents = (Provenance(source="S3", drafted_by="model-b"),)
    if isinstance(record, Comparison):
        names = ("model-c", "model-a") * len(record.candidates)
        given = zip(record.candidates, names, strict=False)
        candidates = tuple(replace(each, drafted_by=name) for each, name in given)
        return replace(record, tags=tags, parents=parents, candidates=candidates)
    return replace(record, tags=tags, parents=parents)


@pytest.mark.parametrize(
    ("kind", "lang"), SCREENS if os.environ.get("GOLDLEAF_EVERY_SCREEN") else SOME
)
def test_source_texts_decision_and_changes_are_in_view(annotator_of, kind, lang):
    record = sample(kind, lang)
    annotator = annotator_of(kinds()[kind], lang, [record])
    annotator.open((1366, 768))
    chrome = annotator.chrome

    line = annotator.wait(".gl-from")
    *where, models = chrome.execute_script(LINE)
    title = FROM[lang][-1]
    assert where == FROM[lang][:-1]
    # By name, not by side: the line must not say who wrote which answer.
    several = "model-a, model-b, model-c" if isinstance(record, Comparison) else "model-b"
    assert models == title + several

    judged = [e for e in chrome.find_elements(By.CSS_SELECTOR, JUDGED) if e.is_displayed()]
    decisions = chrome.find_elements(By.CSS_SELECTOR, ".gl-decide, .gl-ranks")
    assert judged and decisions
    annotator.assert_in_view([line, *judged, *decisions])
    for decision in decisions:
        for text in judged:
            apart = text.rect["y"] + text.rect["height"] <= decision.rect["y"]
            beside = text.rect["x"] + text.rect["width"] <= decision.rect["x"]
            assert apart or beside or kind == "dialogue", "the decision covers a text"

    if kind in BOXES:
        assert chrome.execute_script(CHANGES) == []
        box = annotator.box(BOXES[kind])
        before = box.get_property("value")
        box.send_keys(Keys.CONTROL, Keys.END)
        box.send_keys(("\n" if "\n" in before else " ") + ADDED[lang])
        ((counted, gone, new),) = until(chrome, lambda _: chrome.execute_script(CHANGES))
        assert (counted, gone, new.strip()) == (COUNTED[lang], "", ADDED[lang])
        annotator.wait(".gl-edit[data-goldleaf-edited]")
        annotator.wait(".gl-changes summary").click()
        box = annotator.box(BOXES[kind])
        box.send_keys(Keys.CONTROL, "a")
        box.send_keys(before)
        until(chrome, lambda _: chrome.execute_script(CHANGES) == [])


@pytest.mark.parametrize("lang", LANGUAGES)
def test_an_edit_is_compared_with_the_draft_and_with_the_text_as_it_came(annotator_of, lang):
    kind = kinds()["refusal"]
    record = sample("refusal", lang)
    assert isinstance(record, Demonstration)
    came = record.response[0].content
    draft = f"{ADDED[lang]} {came}"
    annotator = annotator_of(kind, lang, [record], {0: kind.codec.Answer(corrected=draft)})
    annotator.open()
    chrome = annotator.chrome
    titles = {"en": ["draft", "text as it came"], "zh": ["草稿", "原文"]}[lang]
    ((original, gone, new),) = until(chrome, lambda _: chrome.execute_script(CHANGES))
    assert titles[1] in original and (gone, new.strip()) == ("", ADDED[lang])
    said = {"en": "Draft: test/1", "zh": "草稿：test/1"}[lang]
    assert said in until(chrome, lambda _: chrome.execute_script(LINE))
    annotator.write(came[:-1] + "!", "corrected")
    until(chrome, lambda _: len(chrome.execute_script(CHANGES)) == 2)
    found = chrome.execute_script(CHANGES)
    assert [title in each[0] for title, each in zip(titles, found, strict=True)] == [True, True]
    assert found[0][1].startswith(ADDED[lang]) and found[1][1:] == [came[-1], "!"]
    for fold in chrome.find_elements(By.CSS_SELECTOR, ".gl-changes summary"):
        fold.click()
    annotator.assert_readable()
