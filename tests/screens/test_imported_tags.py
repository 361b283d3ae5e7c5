"""A tag that a machine gave is seen on the screen, and gone once a person says otherwise."""

from __future__ import annotations

import json

import pytest
from selenium.webdriver.common.by import By

from goldleaf.core.records import Tags
from goldleaf.exporters.export import export
from goldleaf.label_configs.instruction.codec import Answer
from goldleaf.label_configs.registry import kinds
from goldleaf.recipes.recipe import Recipe
from goldleaf.recipes.sections import Split
from goldleaf.sources.read_file import read_file

pytestmark = [pytest.mark.label_studio, pytest.mark.browser]

REFUSAL = "I'm sorry, but I can't help with that request."
QUOTE = f'Quote the polite refusal in this letter: "Dear Sir, {REFUSAL} Yours, A."'


def imported(path, *rows):
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return [record for reading in read_file(path, "public") for record in reading.records]


@pytest.mark.parametrize(
    ("lang", "title", "name"),
    [
        ("en", "Imported tags:", "refusal, prompt not judged"),
        ("zh", "导入的标签：", "拒答（提问未经判断）"),
    ],
)
def test_a_detector_s_tag_is_shown_and_taken_back(annotator_of, tmp_path, lang, title, name):
    records = imported(tmp_path / "rows.jsonl", {"instruction": QUOTE, "output": REFUSAL})
    assert records[0].tags.behaviours == ("refusal_unsettled",)
    annotator = annotator_of(kinds()["instruction"], lang, records)
    annotator.open()
    tag = annotator.wait(".gl .gl-tag")
    shown = [
        annotator.chrome.execute_script(
            "return getComputedStyle(arguments[0], '::before').content", e
        )
        for e in (annotator.wait(".gl .gl-tags"), tag)
    ]
    assert title in shown[0] and name in shown[1]
    annotator.click("behaviours", "question_answering")
    annotator.click("verdict", "good")
    annotator.submit_by_click()
    (reading,) = annotator.readings()
    assert reading.records[0].tags.behaviours == ("question_answering",)
    # the row itself, exported beside the answer, does not bring the tag back
    file = read_file(tmp_path / "rows.jsonl", "public")
    outcome = export(
        [*file, *annotator.readings()], Recipe(split=Split(test=0.0)), tmp_path / "out"
    )
    named = {count.behaviour for count in outcome.counts if count.use == "sft"}
    assert named == {"", "question_answering"}


def test_a_label_that_was_ticked_already_is_cleared(annotator_of, tmp_path):
    row = {"instruction": QUOTE, "output": REFUSAL, "behaviours": ["refusal", "writing"]}
    records = imported(tmp_path / "rows.jsonl", row)
    assert records[0].tags == Tags(("refusal", "writing"), language="en")
    draft = Answer(behaviours=("refusal", "writing"))
    annotator = annotator_of(kinds()["instruction"], "en", records, {0: draft})
    annotator.open()
    assert annotator.chosen("behaviours") == {"refusal", "writing"}
    annotator.click("behaviours", "refusal")
    annotator.click("verdict", "good")
    annotator.submit_by_click()
    (reading,) = annotator.readings()
    assert reading.records[0].tags.behaviours == ("writing",)


@pytest.mark.parametrize("kind", ["refusal", "preference"])
def test_every_kind_shows_what_was_imported(annotator_of, tmp_path, kind):
    row = {"prompt": QUOTE, "chosen": REFUSAL, "rejected": "No.", "behaviours": "benign_twin"}
    if kind == "refusal":
        row = {"instruction": QUOTE, "output": REFUSAL, "behaviours": "benign_twin"}
    annotator = annotator_of(kinds()[kind], "en", imported(tmp_path / "rows.jsonl", row))
    annotator.open()
    tags = annotator.chrome.find_elements(By.CSS_SELECTOR, ".gl .gl-tag")
    assert [tag.get_attribute("class") for tag in tags] == ["gl-tag gl-tag-benign_twin"]
    assert tags[0].rect["width"] > 20
