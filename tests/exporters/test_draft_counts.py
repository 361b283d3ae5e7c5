"""What the export says of drafts: from answers as Label Studio has them to manifest and report."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from label_studio_export import Project, shown_answer

from goldleaf.core.input_results import InputResult
from goldleaf.core.records import Turn
from goldleaf.core.records_jsonl import from_line, to_line
from goldleaf.core.translations import load_translations
from goldleaf.exporters.export import export
from goldleaf.label_configs.read_annotations import read_task
from goldleaf.label_configs.regions import to_regions
from goldleaf.recipes.recipe import Recipe

OLD, NEW = "refusal/1:auto/8", "refusal/1:auto/9+learned"
WELL = {"decision": "benign_comply", "did": "comply", "risk": "none"}
REFUSED = {"decision": "benign_comply", "did": "full_refusal", "risk": "none"}


def project() -> list[dict[str, Any]]:
    """Return tasks whose answers began from drafts of two versions, and two that did not."""
    made = Project(3, "refusal")

    def answered(draft: dict[str, str] | None, version: str, **answer: str) -> None:
        number = len(made.tasks)
        asked = (Turn("user", f"How do I open lock {number}?"),)
        task = made.task(shown_answer("Ask a locksmith.", asked))
        annotation = made.annotate(task, 1, **answer)
        if draft is not None:
            values = {name: (value,) for name, value in draft.items()}
            result = to_regions(values, made.kind.screen)
            task["predictions"] = [{"id": 900 + number, "result": result, "model_version": version}]
            annotation["parent_prediction"] = 900 + number

    did = {"did": "comply"}
    text = {"corrected": "Call a locksmith.", "did": "comply"}
    answered(did, OLD, **WELL)
    answered(did, OLD, **REFUSED)
    answered(did, NEW, **WELL, corrected="A text of one's own beside the draft.")
    answered(text, NEW, **WELL, corrected="Call a locksmith.")
    answered(text, NEW, **WELL, corrected="Call a locksmith, or a friend.")
    answered(None, "", **WELL)
    answered({}, NEW, **WELL)  # a place in the queue, and no draft
    return made.tasks


COUNTS = [
    {"version": OLD, "accepted": 1, "edited": 0, "overruled": 1},
    {"version": NEW, "accepted": 2, "edited": 1, "overruled": 0},
]


def exported(found: list[InputResult], out: Path, lang: str = "en") -> tuple[Any, str]:
    export(found, Recipe(), out, lang=lang)
    return json.loads((out / "manifest.json").read_text("utf-8")), (out / "report.html").read_text(
        "utf-8"
    )


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_each_answer_over_a_draft_is_counted_once(tmp_path: Path, lang: str):
    found = [result for task in project() for result in read_task(task)]
    assert sum(len(result.records) for result in found) > 7, "an edit gives several records"
    manifest, page = exported(found, tmp_path / "out", lang)
    assert manifest["drafts"] == COUNTS
    words = load_translations(lang)
    for text in (words["report.drafts"], words["report.drafts_chart"], OLD, NEW):
        assert text in page
    assert page.index('id="people"') < page.index('id="drafts"')


def test_lines_of_records_say_the_same(tmp_path: Path):
    lines = [
        to_line(record)
        for task in project()
        for result in read_task(task)
        for record in result.records
    ]
    again = [InputResult(f"records:{n}", (from_line(line),)) for n, line in enumerate(lines)]
    assert exported(again[::-1], tmp_path / "out")[0]["drafts"] == COUNTS


def test_without_drafts_the_report_has_no_such_section(tmp_path: Path):
    rows = project()[5:]
    found = [result for task in rows for result in read_task(task)]
    manifest, page = exported(found, tmp_path / "out")
    assert manifest["drafts"] == []
    assert 'id="drafts"' not in page
