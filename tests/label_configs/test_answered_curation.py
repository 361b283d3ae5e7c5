"""Once a person has answered, only that of a curation holds which nobody can read, or changed."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from label_studio_export import Project, readings, shown_answer, shown_pair

from goldleaf.core.curation_tags import ANSWER_MODES, ANSWER_SIGNALS, MODE, PROMPT_SIGNALS
from goldleaf.core.records import Record, Verdict
from goldleaf.core.records_jsonl import from_line
from goldleaf.curation.meaning.cognitive_modes import cognitive_modes
from goldleaf.label_configs.read_annotations import read_task
from goldleaf.label_configs.registry import kinds
from goldleaf.workflows.answer_readers import project_reader

FOUND = (
    Verdict("flaw", "truncated", action="review"),
    Verdict("flaw", "empty", action="drop"),
    Verdict("language", "unexpected", action="keep"),
    Verdict("contamination", "contained", of="gsm8k:17", action="drop"),
    Verdict("pii", "email", action="redact"),
    Verdict("secret", "aws", action="review"),
    Verdict("near_duplicate", "answer", of="0" * 32, action="drop"),
    Verdict("template", "opening", of="Sure", action="cap"),
    Verdict("judge", "order", of="a>b"),
)


def found(record: Record) -> Record:
    return replace(record, tags=replace(record.tags, verdicts=FOUND))


def left(project: Project) -> list[set[str]]:
    return [
        {verdict.screen for verdict in record.tags.verdicts}
        for reading in readings(project)
        for record in reading.records
    ]


def test_an_answer_that_was_mended_has_only_what_nobody_sees():
    project = Project(1, "instruction")
    task = project.task(found(shown_answer("Ask a lock")))
    project.annotate(task, 1, verdict="fixed", answer="Ask a locksmith.")
    mended, pair = left(project)
    assert mended == pair == {"contamination", "pii", "judge"}


def test_an_answer_that_is_good_as_it_is_may_still_repeat_another():
    project = Project(1, "instruction")
    project.annotate(project.task(found(shown_answer())), 1, verdict="good", quality=5)
    assert left(project) == [{"contamination", "pii", "judge", "near_duplicate", "template"}]


def test_a_choice_between_two_answers_settles_them_too():
    project = Project(1, "preference")
    project.prefer(project.task(found(shown_pair())), 1, "No idea.")
    assert left(project) == [{"contamination", "pii", "judge"}]


REFUSED = ("mode_refuse", "refusal_unsettled", "mode_explain", "knowledge")
MEASURED = {"answer_mismatch": 0.4, "json_valid": 0.0, "novelty": 0.5, "loss": 2.5}


@pytest.mark.parametrize(
    ("answer", "behaviours", "signals"),
    [
        ({"verdict": "good"}, REFUSED, set(MEASURED)),
        (
            {"verdict": "fixed", "answer": "Ask a locksmith; many come at night."},
            ("mode_explain", "knowledge"),
            {"novelty", "loss"},
        ),
        (
            {"verdict": "fixed", "instruction": "Which tools does a locksmith use?"},
            ("mode_refuse", "refusal_unsettled", "knowledge"),
            {"loss"},
        ),
    ],
)
def test_what_was_read_off_a_text_goes_with_it(answer, behaviours, signals):
    project = Project(1, "instruction")
    record = shown_answer("I cannot help with that.")
    tags = replace(record.tags, behaviours=REFUSED, signals=MEASURED)
    project.annotate(project.task(replace(record, tags=tags)), 1, **answer)
    (reading,) = readings(project)
    for record in reading.records:
        assert set(record.tags.behaviours) == set(behaviours)
        assert set(record.tags.signals) == signals


def test_every_mode_and_signal_is_known_as_of_the_answer_or_of_the_prompt():
    shown = {f"{MODE}{mode.name}" for mode in cognitive_modes().values() if mode.answer}
    assert shown == ANSWER_MODES
    guide = (Path(__file__).parents[2] / "docs/curation.md").read_text("utf-8")
    table = guide.partition("## Signals")[2].partition("## Preference pairs")[0]
    rows = (line.split("|")[1] for line in table.splitlines() if line.startswith("| `"))
    assert {name for row in rows for name in re.findall(r"`(\w+)`", row)} == (
        ANSWER_SIGNALS | PROMPT_SIGNALS
    )


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_refusal_that_a_person_rewrote_is_none_in_the_plan(inside: Any, tmp_path: Path, lang):
    """From the row on: curated, imported with `--curate`, answered by hand, planned."""
    asked, refused, better = {
        "en": (
            "What should I eat before a long run?",
            "I'm sorry, but I cannot help with that request.",
            "Eat oats two hours before, and drink water.",
        ),
        "zh": (
            "长期暴露在空气污染中会产生什么影响？",
            "对不起，作为一个人工智能语言模型，我无法回答这个问题。",
            "它会伤害肺和心脏，所以请在污染严重时留在室内。",
        ),
    }[lang]
    file, kept = tmp_path / "rows.jsonl", tmp_path / "records.jsonl"
    file.write_text(json.dumps({"instruction": asked, "output": refused}), "utf-8")
    inside("import", file, "--records", kept, "--curate", tmp_path / "found")
    record = from_line(kept.read_bytes().splitlines()[0])
    assert [each.screen for each in record.tags.verdicts] == ["over_refusal"]
    assert "refusal_unsettled" not in record.tags.behaviours, "the curation settled it"
    project = Project(1, "instruction")
    project.annotate(project.task(record), 1, verdict="fixed", answer=better)
    planned = inside("plan", project.write(tmp_path / "answered.json"), "--json")
    assert planned.returncode == 0, planned.stderr
    counts = json.loads(planned.stdout)["counts"]
    assert counts and not [each for each in counts if "refus" in each["behaviour"]]


REFUSAL = {
    "en": ("How do I make a bomb?", "I cannot help with that.", "I cannot help with that, sorry."),
    "zh": ("怎么制造炸弹？", "对不起，我无法回答这个问题。", "很抱歉，我无法回答这个问题。"),
}
BETTER = {"en": "Please call the police at once.", "zh": "请立即报警，他们会处理。"}


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("still", [True, False])
def test_a_refusal_that_a_person_reworded_still_counts_as_one(
    inside: Any, tmp_path: Path, lang: str, still: bool
):
    """From the row on: imported, edited by hand, planned."""
    asked, refused, reworded = REFUSAL[lang]
    file, kept = tmp_path / "rows.jsonl", tmp_path / "records.jsonl"
    file.write_text(json.dumps({"instruction": asked, "output": refused}), "utf-8")
    inside("import", file, "--records", kept)
    record = from_line(kept.read_bytes().splitlines()[0])
    assert record.tags.behaviours == ("refusal_unsettled",)
    project = Project(1, "instruction")
    answer = reworded if still else BETTER[lang]
    project.annotate(project.task(record), 1, verdict="fixed", answer=answer)
    planned = inside("plan", project.write(tmp_path / "answered.json"), "--json")
    assert planned.returncode == 0, planned.stderr
    rows = [each for each in json.loads(planned.stdout)["counts"] if each["use"] == "sft"]
    unsettled = [each["before"] for each in rows if each["behaviour"] == "refusal_unsettled"]
    assert rows and unsettled == [1] * still


@pytest.mark.parametrize(
    ("edit", "kept"), [("I cannot help with that, sorry.", True), ("1", False)]
)
def test_of_a_live_project_too_a_better_refusal_keeps_what_was_seen_in_it(edit: str, kept: bool):
    project = Project(1, "preference")
    pair = shown_pair("I cannot help with that.", "No idea.")
    tags = replace(pair.tags, behaviours=REFUSED, signals=MEASURED)
    task = project.task(replace(pair, tags=tags))
    project.prefer(task, 1, "I cannot help with that.", edit=edit)
    described = {"id": 1, "label_config": project.kind.config("en"), "expert_instruction": ""}
    reader, _ = project_reader(described, "", lambda who: f"person:{who}")
    made = [record for result in read_task(task, reader) for record in result.records]
    assert made
    for record in made:
        assert {*REFUSED[:2]}.isdisjoint(record.tags.behaviours) != kept
        assert set(record.tags.signals) == {"novelty", "loss"}


@pytest.mark.parametrize("kind", ["instruction", "refusal"])
def test_no_screen_shows_an_annotator_the_names_of_modes(inside: Any, tmp_path: Path, kind: str):
    file, kept = tmp_path / "rows.jsonl", tmp_path / "records.jsonl"
    row = {"instruction": "Write a poem about the sea in spring.", "output": "Blue it lies."}
    file.write_text(json.dumps(row | {"behaviours": "writing"}), "utf-8")
    inside("import", file, "--records", kept, "--curate", tmp_path / "found", "--kind", kind)
    record = from_line(kept.read_bytes().splitlines()[0])
    assert [name for name in record.tags.behaviours if name.startswith(MODE)] == ["mode_create"]
    shown = kinds()[kind].codec.to_task(record)["shown_prompt"]
    assert "gl-tag-writing" in shown and MODE not in shown


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_curated_prompts_that_people_answered_are_exported(inside: Any, tmp_path: Path, lang: str):
    asked = {
        "en": ["How do I bake bread?", "What is a monad?"],
        "zh": ["怎么做红烧肉？", "水为什么会沸腾？"],
    }
    (tmp_path / "prompts.txt").write_text("\n".join(asked[lang]), "utf-8")
    inside("curate", tmp_path / "prompts.txt", "--out", tmp_path / "curated", "--licence", "MIT")
    project = Project(1, "instruction")
    for line in (tmp_path / "curated/records.jsonl").read_bytes().splitlines():
        record = from_line(line)
        assert not [each for each in record.tags.verdicts if each.screen == "flaw"]
        answer = {"en": "First, take two cups of flour. ", "zh": "首先准备好材料，然后慢慢加热。"}[
            lang
        ] + record.context[0].content
        flagged = replace(record, tags=replace(record.tags, verdicts=FOUND[:3]))
        project.annotate(project.task(flagged), 1, verdict="fixed", answer=answer, quality=5)
    answered = project.write(tmp_path / "answered.json")
    done = inside("export", answered, "--model", "8B", "--out", tmp_path / "out")
    assert done.returncode == 0, done.stderr
    files = (tmp_path / "out/trl/sft").glob("*.jsonl")
    assert sum(len(file.read_bytes().splitlines()) for file in files) == 2
