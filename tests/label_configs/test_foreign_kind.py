"""A kind from another package: installed, listed, imported into, answered, exported, demoed."""

import json
import os
import shutil
import subprocess
import sys
import uuid
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from answer_strategies import sample_records
from foreign_package import install
from kinds_of_all import ALL_KINDS, FOREIGN

from goldleaf.core.records_jsonl import from_line
from goldleaf.label_configs.kind_linter import lint_kind
from goldleaf.label_configs.regions import to_regions
from goldleaf.label_configs.registry import kinds
from goldleaf.workflows import demo_annotator

KIND = ALL_KINDS["turn_review"]
SCRIPT: Any = KIND.demo_answers
NO_STUDIO: Any = None
ROW = {
    "messages": [
        {"role": "user", "content": "When is a good time for a walk?"},
        {"role": "assistant", "content": "Early morning."},
        {"role": "user", "content": "And in winter?"},
        {"role": "assistant", "content": "Never."},
    ]
}


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """Install the package into a folder of its own; return the command with it on its path."""
    folder = tmp_path_factory.mktemp("foreign")
    environment = {**os.environ, "PYTHONPATH": str(install(FOREIGN, folder)), "GOLDLEAF_LANG": "en"}

    def run(*arguments):
        command = [Path(sys.executable).with_name("goldleaf"), *map(str, arguments)]
        return subprocess.run(command, env=environment, capture_output=True, text=True)

    return run


def test_it_is_listed_and_its_screens_break_no_rule(installed, tmp_path):
    listed = json.loads(installed("kinds", "--json").stdout)
    assert "turn_review/1" in [each["version"] for each in listed]
    for lang in ("en", "zh"):
        config = installed("kinds", "turn_review", "--config", "--lang", lang).stdout
        (tmp_path / "config.xml").write_text(config, encoding="utf-8")
        done = installed("kinds", "--lint", tmp_path / "config.xml")
        assert done.returncode == 0, done.stdout + done.stderr


def test_a_row_is_imported_answered_and_exported(installed, tmp_path):
    rows, records = tmp_path / "rows.jsonl", tmp_path / "records.jsonl"
    rows.write_text(json.dumps(ROW) + "\n", encoding="utf-8")
    done = installed("import", rows, "--records", records, "--licence", "own")
    assert done.returncode == 0, done.stderr

    data = KIND.codec.to_task(from_line(records.read_bytes().splitlines()[0]))
    answer = KIND.parse_annotation(
        {"usable": ("yes",), "verdict_0": ("good",), "verdict_1": ("bad",), "why_1": ("Curt.",)},
        data,
    )
    result = to_regions(KIND.to_annotation(answer), KIND.screen)
    assert [region["to_name"] for region in result][1:] == ["reply_0", "reply_1", "reply_1"]
    annotation = {"id": 9, "completed_by": 1, "updated_at": "2026-01-01", "result": result}
    task = {"id": 5, "project": 3, "data": data, "annotations": [annotation], "predictions": []}
    (tmp_path / "answers.json").write_text(json.dumps([task]), encoding="utf-8")
    out = tmp_path / "out"
    done = installed("export", tmp_path / "answers.json", "--format", "parquet", "--out", out)
    assert done.returncode == 0, done.stderr
    manifest = json.loads((out / "manifest.json").read_text("utf-8"))
    assert manifest["reasons"]["rejected"] == {}
    assert installed("check", out).returncode == 0


def test_the_demo_s_script_answers_its_sample_tasks(monkeypatch):
    """Of the demo's annotator all is real but Label Studio, which keeps what it is sent."""
    sent = []
    monkeypatch.setattr(
        "goldleaf.studio.submit.submit_annotation",
        lambda studio, task, regions, **more: sent.append((task, regions)),
    )
    tasks = [
        {
            "id": number,
            "data": KIND.codec.to_task(record),
            "annotations": [],
            "predictions": [],
        }
        for number, record in enumerate(sample_records(KIND), 1)
    ]
    done = demo_annotator.annotate(NO_STUDIO, KIND, SCRIPT, tasks)
    assert done.answered == len(tasks) == len(sent)
    for task, (number, regions) in zip(tasks, sent, strict=True):
        assert number == task["id"]
        names = {region["from_name"] for region in regions}
        assert {f"verdict_{place}" for place, _ in enumerate(task["data"]["replies"])} <= names
        task["annotations"] = [{"result": regions, "was_cancelled": False}]
    again = tasks[:: demo_annotator.SECOND_OPINIONS]
    assert demo_annotator.disagree(NO_STUDIO, KIND, SCRIPT, again) == len(again) == 1


@pytest.mark.parametrize(
    ("old", "new", "rule", "where"),
    [
        ('name="usable"', 'name="use"', "absent_control", "usable"),
        ('required="true" ', "", "differs_from_declaration", "usable"),
        ('maxRating="3"', 'maxRating="5"', "differs_from_declaration", "quality"),
        ('whenChoiceValue="yes"', 'whenChoiceValue="no"', "differs_from_declaration", "quality"),
        ('choice="multiple"', 'choice="single"', "differs_from_declaration", "topics"),
        ('alias="work"', 'alias="job"', "differs_from_declaration", "topics"),
        ('on="$replies"', 'on="$other"', "differs_from_declaration", "verdict_{{idx}}"),
        ("</Repeater>", '</Repeater><Rating name="x" toName="asked"/>', "undeclared_control", "x"),
        ("</Repeater>", '</Repeater><Text name="x" value="$source"/>', "taken_field", "$source"),
    ],
)
def test_a_config_that_is_not_as_declared_is_found(changed, old, new, rule, where):
    kind, folder = changed
    config = (folder / "config.xml").read_text("utf-8")
    assert old in config
    (folder / "config.xml").write_text(config.replace(old, new), encoding="utf-8")
    assert (rule, where) in [(each.rule, each.where) for each in lint_kind(kind)]


@pytest.mark.parametrize("name", ["config.zh.xml", "guide.zh.md", "sample_tasks.json"])
def test_what_a_folder_lacks_is_found(changed, name):
    kind, folder = changed
    (folder / name).unlink()
    assert [(each.rule, each.where) for each in lint_kind(kind, "zh")] == [("missing_file", name)]


@pytest.fixture
def changed(tmp_path, monkeypatch):
    """Return a copy of the kind, and its folder."""
    name = f"changed_{uuid.uuid4().hex}"
    shutil.copytree(FOREIGN / "turn_review", tmp_path / name)
    monkeypatch.syspath_prepend(tmp_path)
    return replace(KIND, module=import_module(name)), tmp_path / name


def test_no_six_lines_are_repeated_among_kinds():
    """What kinds have in common is written once, outside their folders."""
    found = {}
    for kind in kinds().values():
        for file in sorted(Path(str(kind.folder)).glob("*.py")):
            lines = [line.strip() for line in file.read_text("utf-8").splitlines() if line.strip()]
            for six in zip(*(lines[n:] for n in range(6)), strict=False):
                found.setdefault(six, set()).add(kind.name)
    assert [six for six, names in found.items() if len(names) > 1] == []
