"""A real model's texts on the screen as drafts, and a judge's opinion that decides nothing."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from goldleaf.backend.drafting_prompts import drafting_request
from goldleaf.core.record_hash import candidate_id
from goldleaf.core.records import Candidate, Comparison, Demonstration, Tags, Turn, Verdict
from goldleaf.generation.tiny_model import build_tiny_model
from goldleaf.label_configs.kind import Kind
from goldleaf.label_configs.registry import kind_named

pytestmark = [pytest.mark.label_studio, pytest.mark.browser]

INSTRUCTION, PREFERENCE = kind_named("instruction"), kind_named("preference")
SHOWN = {
    "en": ("What is gold leaf?", "It is a leaf.", "Gold, beaten into a very thin sheet."),
    "zh": ("金箔是什么？", "是一种叶子。", "金箔是捶打得极薄的金片。"),
}
"""By language: a prompt, the answer that came, and what the model was trained to draft."""


def record_of(lang: str) -> Demonstration:
    prompt, answer, _ = SHOWN[lang]
    return Demonstration((Turn("user", prompt),), (Turn("assistant", answer),))


def trained(folder: Path) -> Path:
    """Return a model that knows by heart what to draft for both tasks."""
    known: list[tuple[list[dict[str, str]], str]] = []
    for lang, (_, _, draft) in SHOWN.items():
        request = drafting_request("instruction", INSTRUCTION.codec.to_task(record_of(lang)))
        assert request
        turns = [{"role": turn.role, "content": turn.content} for turn in request.turns]
        known.append((turns, draft))
    words = [turn["content"] for turns, _ in known for turn in turns]
    words += [draft for _, draft in known]
    return build_tiny_model(folder, known, context=4096, steps=400, words=words)


def test_a_model_s_drafts_are_on_the_screen(
    annotator_of, inside, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    model = trained(tmp_path / "model")
    for lang, (_, came, draft) in SHOWN.items():
        annotator = annotator_of(INSTRUCTION, lang, [record_of(lang)])
        monkeypatch.setenv("GOLDLEAF_TOKEN", annotator.label_studio.token)
        given = ("--model", model, "--url", annotator.label_studio.url)
        done = inside("prelabel", annotator.project, *given)
        assert done.returncode == 0, done.stderr
        annotator.open()
        assert annotator.box("answer").get_attribute("value") == draft
        assert came in annotator.texts(), "what came stays in view"
        assert not annotator.chosen("verdict"), "whether it is good is the annotator's own word"
        look(annotator, f"model-draft-{lang}")


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
    if folder := os.environ.get("GOLDLEAF_PICTURES"):
        annotator.chrome.save_screenshot(str(Path(folder) / f"{name}.png"))
