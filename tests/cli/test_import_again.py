"""The same rows again: from a renamed file, with a licence, from two processes at once."""

from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import Any

import pytest

from goldleaf.core.data_dir import DataDir
from goldleaf.core.file_lock import locked
from goldleaf.label_configs.registry import kind_named
from goldleaf.studio.annotation_stream import stream_tasks
from goldleaf.studio.projects import create_project

pytestmark = pytest.mark.label_studio
ROWS = 20


@pytest.fixture
def project(label_studio):
    made = create_project(label_studio.studio, kind_named("preference"))
    yield made
    label_studio.studio.delete(f"/api/projects/{made}/")


@pytest.fixture
def where(label_studio):
    return {"GOLDLEAF_URL": label_studio.url, "GOLDLEAF_TOKEN": label_studio.token}


def written(file: Path, count: int = ROWS, start: int = 0) -> Path:
    rows = [
        {"prompt": f"Name {n} rivers.", "chosen": f"Amur and {n} more.", "rejected": f"Lena, {n}."}
        for n in range(start, start + count)
    ]
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    return file


def parents(label_studio, project) -> list[list[dict[str, Any]]]:
    return [
        task["data"]["goldleaf"]["record"]["parents"]
        for task in stream_tasks(label_studio.studio, project)
    ]


def counted(done) -> tuple[int, int]:
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    return told["created"], told["already_there"]


def test_the_content_is_what_makes_a_task(goldleaf, label_studio, project, where, tmp_path):
    def run(file: Path, *more: str):
        return goldleaf("import", file, "-p", project, "--json", *more, **where)

    first = written(tmp_path / "rows.jsonl")
    assert counted(run(first)) == (ROWS, 0)
    assert counted(run(first)) == (0, ROWS)
    assert all(len(each) == 1 for each in parents(label_studio, project))

    said = run(first, "--licence", "CC-BY-4.0")
    assert counted(said) == (0, ROWS)
    assert f"{ROWS} tasks" in said.stderr
    now = parents(label_studio, project)
    assert [len(each) for each in now] == [1] * ROWS, "the same place is brought up to date"
    assert {each[0]["licence"] for each in now} == {"CC-BY-4.0"}

    moved = first.rename(written(tmp_path / "elsewhere" / "renamed.jsonl"))
    assert counted(run(moved)) == (0, ROWS)
    now = parents(label_studio, project)
    assert [[p["file"] for p in each] for each in now] == [["rows.jsonl", "renamed.jsonl"]] * ROWS
    assert {each[0]["licence"] for each in now} == {"CC-BY-4.0"}, "what was said stays said"

    again = run(moved)
    assert counted(again) == (0, ROWS)
    assert "new origin" not in again.stderr, "nothing is written that is there already"
    assert parents(label_studio, project) == now


def test_two_processes_at_once(goldleaf, label_studio, project, where, tmp_path):
    done = []

    def run(name: str, start: int):
        file = written(tmp_path / name, 60, start)
        done.append(goldleaf("import", file, "-p", project, "--json", **where))

    sides = [threading.Thread(target=run, args=(f"{n}.jsonl", 20 * n)) for n in range(3)]
    for side in sides:
        side.start()
    for side in sides:
        side.join()
    assert len(parents(label_studio, project)) == 100
    assert sum(counted(each)[0] for each in done) == 100
    assert sum(counted(each)[1] for each in done) == 80


def test_two_processes_without_a_common_lock(goldleaf, label_studio, project, where, tmp_path):
    """Other people's machines do not see our lock: even then nothing stays twice."""
    done = []

    def run(name: str):
        file = written(tmp_path / f"{name}.jsonl", 60)
        state = {"GOLDLEAF_DATA_DIR": str(tmp_path / name)}
        done.append(goldleaf("import", file, "-p", project, "--json", **where, **state))

    sides = [threading.Thread(target=run, args=(f"side-{n}",)) for n in range(3)]
    for side in sides:
        side.start()
    for side in sides:
        side.join()
    assert [each.returncode for each in done] == [0, 0, 0]
    assert len(parents(label_studio, project)) == 60


def test_the_second_import_waits_and_says_so(goldleaf, label_studio, project, where, tmp_path):
    file, done = written(tmp_path / "rows.jsonl"), []
    state = DataDir(tmp_path / "state").create()
    second = threading.Thread(
        target=lambda: done.append(goldleaf("import", file, "-p", project, "--json", **where))
    )
    with locked(state.import_lock(label_studio.url, project)):
        second.start()
        second.join(6)
        assert second.is_alive()
        assert not parents(label_studio, project)
    second.join()
    assert counted(done[0]) == (ROWS, 0)
    assert f"import into project {project} is running" in done[0].stderr
