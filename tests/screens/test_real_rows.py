"""Three hundred public rows through all kinds: imported, drafted, answered, exported.

`make accept-rows ROWS=FOLDER` runs it and prints the table of `docs/benchmarks.md`; no row is
shipped. Answers are stored through the API with what the screen would hold, and `BY_HAND` of each
kind are given in Chromium, which proves that it would.
"""

from __future__ import annotations

import gzip
import json
import os
import shutil
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import fromstring

import pytest
from chromium import log_in, started, until
from command import Goldleaf
from scripted_answers import blank, decided, on_screen

from goldleaf.core.data_dir import DataDir
from goldleaf.label_configs.kind import Kind
from goldleaf.label_configs.read_annotations import AnsweredProject, read_task
from goldleaf.label_configs.regions import to_regions, to_values
from goldleaf.label_configs.registry import kinds
from goldleaf.label_configs.screen import INDEX
from goldleaf.studio.annotation_stream import stream_tasks
from goldleaf.studio.client import Studio
from goldleaf.studio.projects import get_project
from goldleaf.studio.submit import submit_annotation
from goldleaf.workflows.local_stack import LocalStack, running

ROWS = os.environ.get("GOLDLEAF_ROWS", "")
pytestmark = [
    pytest.mark.label_studio,
    pytest.mark.browser,
    pytest.mark.timeout(3600),
    pytest.mark.skipif(not ROWS, reason="make accept-rows ROWS=FOLDER names a folder of rows"),
]
BY_HAND = 5
FORMATS = ("trl", "llamafactory", "swift", "openai")
FILES = {
    "dialogue": {"moss_003_sample_conversations": 30, "sgd_dialogues_train": 25},
    "instruction": {"alpaca_en_52k": 50},
    "preference": {"pandalm_3_annotators": 45},
    "ranking": {"oasst_en_100_trees": 20},
    "reasoning": {"gsm8k_model_solutions": 40},
    "refusal": {"xstest_completions_dev": 45},
    "tool_use": {"bfcl_v4_dev": 25, "glaive_toolcall_en_demo": 20, "text2sql_dev": 3},
}
"""How many rows of which file each kind is given: evenly from the whole file."""


@dataclass
class Counts:
    """What became of one kind's rows."""

    rows: int = 0
    refused: Counter[str] = field(default_factory=Counter[str])
    tasks: int = 0
    drafted: int = 0
    clicked: int = 0
    answered: int = 0
    equal: int = 0
    unequal: list[str] = field(default_factory=list[str])
    usable: int = 0
    unused: Counter[str] = field(default_factory=Counter[str])
    exported: dict[str, int] = field(default_factory=dict[str, int])


def rows_of(name: str, count: int) -> list[dict[str, Any]]:
    """Return `count` rows of a file, evenly spread."""
    with gzip.open(Path(ROWS) / f"{name}.jsonl.gz", "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    if name == "gsm8k_model_solutions":  # four models in a row, each with its verdict
        rows = [
            {"prompt": row["question"], "completion": tried["solution"], "label": known}
            for row in rows
            for tried in row.values()
            if isinstance(tried, dict) and isinstance(known := tried.get("is_correct"), bool)
        ]
    return rows[:: max(1, len(rows) // count)][:count]


def click(annotator: Any, kind: Kind, before: Any, answer: Any) -> None:
    """Decide on the screen what an answer says beyond the draft: keys, in a ranking clicks."""
    config = fromstring(kind.config(annotator.lang))
    if kind.name == "ranking":
        for place, each in enumerate(answer.answers):
            annotator.click_in(".gl-rank", place, str(each.rank))
        return
    if kind.name == "reasoning" and answer.decision == "wrong":
        annotator.click_in(".gl-step", -1, annotator.names[f"verdict_{INDEX}"]["bad"])
    for control in ("verdict", "decision", "did", "risk"):
        wanted = getattr(answer, control, None)
        if wanted and wanted != getattr(before, control):
            (choices,) = (c for c in config.iter("Choices") if c.attrib["name"] == control)
            key = next(c.attrib["hotkey"] for c in choices if c.get("alias") == wanted)
            annotator.press(key)
            assert annotator.chosen(control) == {wanted}, (control, wanted)


def by_hand(annotator: Any, kind: Kind, tasks: list[dict[str, Any]]) -> dict[int, Any]:
    """Answer tasks in the browser; return what the screen was made to say, by task."""
    annotator.resize((1366, 768))
    said = {}
    for task in tasks:
        draft = blank(kind, task["data"], task)
        answer = decided(kind, task["data"], draft)
        chrome = annotator.chrome
        chrome.get(
            f"{annotator.label_studio.url}/projects/{annotator.project}/data?task={task['id']}"
        )
        annotator.wait(".gl .lsf-htx-richtext")
        annotator.wait(".lsf-bottombar button[aria-label*='submit' i]")
        annotator.settle()
        page = annotator.texts()
        assert "ConfigurationError" not in page and "Not expecting tag" not in page
        click(annotator, kind, draft, answer)
        before = annotator.stored()
        annotator.button("submit").click()
        until(chrome, lambda _, before=before: annotator.stored() > before)
        said[task["id"]] = on_screen(kind, task["data"], answer)
    return said


def sampled(tasks: list[dict[str, Any]], count: int) -> list[dict[str, Any]]:
    """Return some of the tasks, evenly spread."""
    return tasks[:: max(1, len(tasks) // count)][:count]


@pytest.fixture
def stack(migrated: Path, tmp_path: Path) -> Iterator[LocalStack]:
    """Label Studio and the backend, as `goldleaf up` runs them on the test's own data directory."""
    shutil.copytree(migrated, tmp_path / "state")
    data = DataDir(tmp_path / "state")
    data.keep_secret("label-studio", {**data.secret("label-studio"), "port": 0})
    with running(data) as stack:
        yield stack


def through(
    name: str,
    lang: str,
    stack: LocalStack,
    hands: Callable[..., Any],
    chrome: Any,
    inside: Goldleaf,
    folder: Path,
) -> Counts:
    """Take one kind's rows the whole way; return what became of them."""
    kind, studio, counts = kinds()[name], stack.studio.studio, Counts()
    made = inside("project", "new", name, "--lang", lang, "--json")
    made = json.loads(made.stdout)
    project = made["project"]
    assert made["backend"], "the backend that runs here is linked"
    for file, count in FILES[name].items():
        rows = rows_of(file, count)
        path = folder / f"{file}.jsonl"
        path.write_text("".join(json.dumps(r, ensure_ascii=False) + "\n" for r in rows), "utf-8")
        done = inside("import", path, "--project", project, "--licence", "test", "--json")
        told = json.loads(done.stdout)
        counts.rows += told["rows"]
        counts.tasks += told["created"]
        counts.refused.update(told["reasons"])
    for task in stream_tasks(studio, project):
        studio.get(f"/api/tasks/{task['id']}/")  # opened: Label Studio asks the backend for a draft
    tasks = list(stream_tasks(studio, project))
    counts.drafted = sum(bool(task["predictions"]) for task in tasks)
    assert len(tasks) == counts.tasks
    annotator = hands(chrome, stack.studio, kind, lang, project, len(tasks))
    answered = [task for task in tasks if task["data"].get("output") != ""]
    said = by_hand(annotator, kind, sampled(answered, BY_HAND))
    counts.clicked = len(said)
    for place, task in enumerate(tasks):
        if task["id"] not in said:
            data, drafts = task["data"], task["predictions"]
            answer = decided(kind, data, blank(kind, data, task), place)
            said[task["id"]] = on_screen(kind, data, answer)
            submit_annotation(
                studio,
                task["id"],
                to_regions(kind.to_annotation(said[task["id"]]), kind.screen),
                parent_prediction=drafts[0]["id"] if drafts else None,
            )
    read_back(studio, kind, project, said, counts)
    out = folder / f"{name}-out"
    forms = [each for form in FORMATS for each in ("--format", form)]
    done = inside("export", f"project:{project}", "--out", out, *forms, "--json")
    assert done.returncode == 0, done.stderr
    for each in json.loads((out / "manifest.json").read_text("utf-8"))["tables"]:
        # The rows of a completion table are those of the SFT table, cut in another way.
        if "completion" not in each["config"]:
            written = sum(each["rows"].values())
            counts.exported[each["format"]] = counts.exported.get(each["format"], 0) + written
    return counts


def read_back(
    studio: Studio, kind: Kind, project: int, said: Mapping[int, Any], counts: Counts
) -> None:
    """Compare what Label Studio has with what was said, and count what can be learned from it."""
    known = AnsweredProject(kind, get_project(studio, project)["label_config"])
    for task in stream_tasks(studio, project):
        for annotation in task["annotations"]:
            counts.answered += 1
            values = to_values(annotation["result"], kind.screen)
            found = kind.parse_annotation(values, task["data"])
            counts.equal += found == said[task["id"]]
            if found != said[task["id"]]:
                counts.unequal.append(f"{kind.name} {task['id']}: {found} != {said[task['id']]}")
        for each in read_task(task, known):
            counts.usable += not each.reason
            if each.reason:
                counts.unused[each.reason] += 1


def table(found: Mapping[str, Counts]) -> str:
    """Return the table of `docs/benchmarks.md`."""
    heads = [
        "kind",
        "rows",
        "refused",
        "tasks",
        "drafted",
        "in Chromium",
        "answered",
        "read back equal",
    ]
    lines: list[list[object]] = [[*heads, "usable", *FORMATS]]
    for name, each in found.items():
        why = ", ".join(f"{count} {reason}" for reason, count in each.refused.items()) or "0"
        left = ", ".join(f"{count} {reason}" for reason, count in each.unused.items())
        numbers = [
            each.rows,
            why,
            each.tasks,
            each.drafted,
            each.clicked,
            each.answered,
            each.equal,
        ]
        usable = f"{each.usable} ({left})" if left else each.usable
        lines.append([name, *numbers, usable, *(each.exported.get(form, 0) for form in FORMATS)])
    rows = ["| " + " | ".join(map(str, line)) + " |" for line in lines]
    return "\n".join([rows[0], "|" + "---|" * len(lines[0]), *rows[1:]])


def test_real_rows_come_through_every_kind(
    stack: LocalStack, annotator_in: Any, tmp_path: Path, inside: Goldleaf
):
    chrome = started(tmp_path / "chromium")
    found: dict[str, Counts] = {}
    try:
        log_in(chrome, stack.studio.url, stack.studio.email, stack.studio.password)
        for place, name in enumerate(sorted(FILES)):
            lang = "zh" if place % 2 else "en"
            found[name] = through(name, lang, stack, annotator_in, chrome, inside, tmp_path)
            sys.stdout.write(f"\n{table({name: found[name]})}\n")
    finally:
        chrome.quit()
    sys.stdout.write(f"\n{table(found)}\n")  # shown by make accept-rows
    for name, each in found.items():
        assert each.answered == each.tasks == each.equal, (name, each.unequal[:3])
        assert each.clicked == BY_HAND and each.exported["trl"] > 0, name
    assert sum(each.rows for each in found.values()) >= 300
