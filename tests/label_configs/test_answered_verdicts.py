"""Once a person has answered, only those verdicts of a curation hold that nobody can read."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from label_studio_export import Project, readings, shown_answer, shown_pair

from goldleaf.core.records import Record, Verdict
from goldleaf.core.records_jsonl import from_line

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
