"""A real model's texts on the screen as drafts, and a judge's opinion that decides nothing."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from selenium.webdriver.common.by import By

from goldleaf.backend.drafting_prompts import text_requests
from goldleaf.core.record_hash import candidate_id
from goldleaf.core.records import (
    Candidate,
    Comparison,
    Demonstration,
    Provenance,
    Tags,
    Turn,
    Verdict,
)
from goldleaf.exporters.export import export
from goldleaf.generation.tiny_model import build_tiny_model
from goldleaf.label_configs.kind import Kind
from goldleaf.label_configs.registry import kind_named
from goldleaf.recipes.recipe import Recipe
from goldleaf.recipes.sections import Split

pytestmark = [pytest.mark.label_studio, pytest.mark.browser]

PICTURES = os.environ.get("GOLDLEAF_PICTURES", "")
INSTRUCTION, PREFERENCE = kind_named("instruction"), kind_named("preference")
DIALOGUE = kind_named("dialogue")
SHOWN = {
    "en": ("What is gold leaf?", "It is a leaf.", "Gold, beaten into a very thin sheet."),
    "zh": ("金箔是什么？", "是一种叶子。", "金箔是捶打得极薄的金片。"),
}
"""By language: a prompt, the answer that came, and what the model was trained to draft."""
TALK = {
    "en": (
        ("My name is Ada.", "Hello Ada!", "KEEP"),
        ("What was my name?", "I do not know your name.", "Your name is Ada."),
        ("And who are you?", "I am Ada.", "I am an assistant."),
    ),
    "zh": (
        ("我叫小雨。", "你好，小雨！", "KEEP"),
        ("我叫什么名字？", "我不知道你的名字。", "你叫小雨。"),
        ("那你是谁？", "我是小雨。", "我是一个助手。"),
    ),
}
"""By language: a dialogue, and what the model was trained to draft for each of its answers."""


def record_of(lang: str) -> Demonstration:
    prompt, answer, _ = SHOWN[lang]
    return Demonstration((Turn("user", prompt),), (Turn("assistant", answer),))


def talk_of(lang: str) -> Demonstration:
    said = [(Turn("user", asked), Turn("assistant", came)) for asked, came, _ in TALK[lang]]
    turns = tuple(turn for exchange in said for turn in exchange)
    row = Provenance(source="S4", file="talks.jsonl", line=1)
    return Demonstration(turns[:-1], turns[-1:], parents=(row,))


def trained(folder: Path) -> Path:
    """Return a model that knows by heart what to draft for all tasks."""
    known = list(learned(INSTRUCTION, record_of("en"), (SHOWN["en"][2], "KEEP")))
    for lang, talk in TALK.items():
        known += learned(DIALOGUE, talk_of(lang), [draft for _, _, draft in talk])
    words = [turn["content"] for turns, _ in known for turn in turns]
    words += [draft for _, draft in known]
    sizes = {"context": 4096, "num_hidden_layers": 1}
    return build_tiny_model(folder, known, steps=80, words=words, **sizes)


def learned(
    kind: Kind, record: Demonstration, drafts: Sequence[str]
) -> Iterator[tuple[list[dict[str, str]], str]]:
    asked = text_requests(kind.name, kind.codec.to_task(record))
    for each, draft in zip(asked, drafts, strict=True):
        turns = each.request.turns
        yield [{"role": turn.role, "content": turn.content} for turn in turns], draft


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return trained(tmp_path_factory.mktemp("drafting") / "model")


@pytest.fixture
def drafted(annotator_of, inside, monkeypatch: pytest.MonkeyPatch, model: Path):
    """Return a function that makes a project of one record and has the model draft it."""

    def make(kind: Kind, lang: str, record: Demonstration):
        annotator = annotator_of(kind, lang, [record])
        monkeypatch.setenv("GOLDLEAF_TOKEN", annotator.label_studio.token)
        given = ("--model", model, "--url", annotator.label_studio.url)
        done = inside("prelabel", annotator.project, *given)
        assert done.returncode == 0, done.stderr
        annotator.open()
        return annotator

    return make


def test_a_model_s_drafts_are_on_the_screen(drafted):
    prompt, came, draft = SHOWN["en"]
    annotator = drafted(INSTRUCTION, "en", record_of("en"))
    assert annotator.box("answer").get_attribute("value") == draft
    assert annotator.box("instruction").get_attribute("value") == prompt, "it is clear"
    assert came in annotator.texts(), "what came stays in view"
    assert not annotator.chosen("verdict"), "whether it is good is the annotator's own word"
    look(annotator, "model-draft-en")


@pytest.mark.parametrize("lang", TALK)
def test_each_answer_of_a_dialogue_is_drafted_and_taken_or_put_back(
    drafted, tmp_path: Path, lang: str
):
    (_, first, _), (_, wrong, mended), (_, last, other) = TALK[lang]
    annotator = drafted(DIALOGUE, lang, talk_of(lang))
    seen = annotator.texts()
    assert all(text in seen for text in (wrong, mended, last, other)), "as it came, and drafted"
    assert annotator.box("edit_0").get_attribute("value") == first, "this may stay"
    assert not annotator.chosen("verdict") and not annotator.chosen("verdict_{{idx}}")
    look(annotator, f"dialogue-drafts-{lang}")
    put_back = "[aria-label='Delete Region']"
    annotator.wait(f".gl-side {put_back}").click()
    annotator.settle()
    assert annotator.box("edit_1").get_attribute("value") == wrong, "as it came"
    annotator.button("undo").click()
    annotator.settle()
    assert mended in annotator.texts(), "the draft is back"
    annotator.chrome.find_elements(By.CSS_SELECTOR, f".gl-side {put_back}")[1].click()
    annotator.settle()
    annotator.click("verdict", "usable")
    look(annotator, f"dialogue-taken-{lang}")
    assert annotator.submit_by_click() == 1

    (reading,) = annotator.readings()
    example, taken, kept = reading.records
    answers = [t.content for t in (*example.context, *example.response) if t.role == "assistant"]
    assert answers == [first, mended, last]
    sides = [[c.turns[0].content for c in pair.candidates] for pair in (taken, kept)]
    assert sides == [[mended, wrong], [last, other]]
    model = example.parents[0].drafted_by
    assert model.startswith("dialogue/1:generated/") and ":model@" in model
    assert [taken.candidates[0].drafted_by, kept.candidates[1].drafted_by] == [model] * 2
    assert [taken.candidates[0].origin, taken.parents[0].edit_distance] == ["accepted", 0]
    done = export([reading], Recipe(split=Split(test=0.0)), tmp_path / "out", lang=lang)
    ((row,), pairs) = (rows(done.out / "trl" / table) for table in ("sft", "dpo"))
    assert row["messages"][3]["content"] == mended
    assert sorted(
        [row[side][0]["content"] for side in ("chosen", "rejected")] for row in pairs
    ) == (sorted(sides))
    (counted,) = json.loads((done.out / "manifest.json").read_text("utf-8"))["drafts"]
    assert (counted["version"], counted["edited"]) == (model, 1)


def rows(table: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (table / "train.jsonl").read_text("utf-8").splitlines()]


def judged(kind: Kind, lang: str) -> Comparison:
    prompt, answer, better = SHOWN[lang]
    sides = tuple(Candidate((Turn("assistant", text),)) for text in (answer, better))
    order = f"{candidate_id(sides[1])}>{candidate_id(sides[0])}"
    opinion = Verdict("judge", "order", "model@1:2", order, 1.0)
    return Comparison((Turn("user", prompt),), sides, tags=Tags(verdicts=(opinion,)))


def test_a_judge_s_opinion_is_in_sight_and_nothing_is_chosen(annotator_of):
    for lang, by in (("en", "A model's opinion"), ("zh", "模型的意见")):
        record = judged(PREFERENCE, lang)
        annotator = annotator_of(PREFERENCE, lang, [record])
        annotator.open()
        line = annotator.wait(".gl-judge")
        task = PREFERENCE.codec.to_task(record)
        assert line.text.endswith(task["judge"]) and line.rect["height"] < 40
        title = annotator.chrome.execute_script(
            "return getComputedStyle(arguments[0].querySelector('span'), '::before').content", line
        )
        assert by in title
        assert not annotator.chosen("decision")
        annotator.assert_readable()
        look(annotator, f"opinion-{lang}")


def look(annotator, name: str) -> None:
    """Keep a picture where `GOLDLEAF_PICTURES` names a folder."""
    if PICTURES:
        annotator.chrome.save_screenshot(str(Path(PICTURES) / f"{name}.png"))
