"""Tasks of a project that take what a later curation finds of their rows, from the command on."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from goldleaf.core.settings import load
from goldleaf.label_configs.instruction.codec import Answer
from goldleaf.label_configs.regions import to_regions
from goldleaf.label_configs.registry import kinds
from goldleaf.studio.embedded_label_studio import EmbeddedStudio
from goldleaf.studio.projects import create_project
from goldleaf.studio.submit import submit_annotation
from goldleaf.studio.task_pagination import iterate_tasks
from goldleaf.workflows.import_rows import open_rows
from goldleaf.workflows.import_to_project import import_to_project

pytestmark = pytest.mark.label_studio

ASKED = "How many rivers of Asia flow into the Arctic Ocean, and which of them is the longest one?"
ROWS = [
    {"instruction": "Whom do I ask?", "output": "Write to Ann: ann.miller@gmail.com, please."},
    {"instruction": "What is seven times eight?", "output": "Seven times eight is 56."},
    {"instruction": ASKED, "output": "Three large ones do; the Yenisei is the longest of them."},
    {"instruction": "Name a river that flows north.", "output": "The Nile, and its delta is"},
    {"instruction": "What is a bridge?", "output": "A way over a river, on pillars or on ropes."},
]
KIND = kinds()["instruction"]


class Project:
    """A project and the commands of its user."""

    def __init__(self, running: EmbeddedStudio, folder: Path, inside: Any) -> None:
        self.studio, self.folder, self._inside = running.studio, folder, inside
        self.number = create_project(self.studio, KIND)
        self.file, self.url = folder / "rows.jsonl", running.url
        self.file.write_text("".join(f"{json.dumps(row)}\n" for row in ROWS), "utf-8")
        (folder / "goldleaf.toml").write_text(f'token = "{running.token}"\nurl = "{self.url}"\n')
        self.evaluation = folder / "benchmark.jsonl"
        self.evaluation.write_text(json.dumps({"prompt": ASKED}) + "\n", "utf-8")

    def run(self, *options: object, file: Path | None = None) -> Any:
        """Import the file; return the finished process."""
        done = self._inside("import", file or self.file, "--project", self.number, *options)
        assert done.returncode == 0, done.stderr
        return done

    def counts(self, *options: object, **given: Path) -> tuple[int, int, int | None]:
        """Import the file; return tasks created, already there, and with other findings."""
        told = json.loads(self.run("--json", *options, **given).stdout)
        return told["created"], told["already_there"], told.get("findings_updated")

    def screened(self, *options: object) -> tuple[int, int, int | None]:
        """Curate and import the file; return the same."""
        return self.counts("--curate", self.folder / "found", *options)

    def reasons(self) -> dict[str, int]:
        """Return why an export by a shipped recipe would leave answers out."""
        plan = ("plan", f"project:{self.number}", "--model", "8B", "--json")
        done = self._inside(*plan)
        return json.loads(done.stdout)["dropped"]

    def tasks(self) -> dict[str, dict[str, Any]]:
        """Return the whole tasks by their place in the file, in the order of Label Studio."""
        found = list(iterate_tasks(self.studio, self.number))
        return {each["data"]["source"].removeprefix("S2 rows.jsonl:"): each for each in found}

    def found(self) -> dict[str, str]:
        """Return the column of findings of those tasks that have it filled."""
        columns = {at: task["data"].get("curation_found") for at, task in self.tasks().items()}
        return {at: text for at, text in columns.items() if text}


@pytest.fixture
def project(label_studio: EmbeddedStudio, tmp_path: Path, inside: Any) -> Project:
    """An instruction project without tasks."""
    return Project(label_studio, tmp_path, inside)


def untouched(task: dict[str, Any]) -> dict[str, Any]:
    """Return what no import may change: all of a task but its findings and when it changed."""
    data = {name: value for name, value in task["data"].items() if name != "curation_found"}
    ours = data["goldleaf"]
    record = {name: value for name, value in ours["record"].items() if name != "tags"}
    tags = ours["record"].get("tags", {})
    kept = {
        "data": {**data, "goldleaf": {**ours, "record": record}},
        "tags": {name: tags.get(name) for name in ("risk", "language", "prototype")},
    }
    own = ("annotations", "drafts", "predictions", "overlap", "is_labeled", "cancelled_annotations")
    return {**kept, **{name: task.get(name) for name in own}}


def test_tasks_that_are_there_take_newer_findings_and_lose_nothing(project: Project):
    assert project.counts() == (5, 0, None)
    studio, tasks = project.studio, project.tasks()
    given = to_regions(KIND.to_annotation(Answer(verdict="good", quality=5)), KIND.screen)
    for place in ("3", "4"):
        submit_annotation(studio, tasks[place]["id"], given)
    studio.post(f"/api/tasks/{tasks['5']['id']}/drafts", {"result": given, "lead_time": 1})
    before = {place: untouched(task) for place, task in project.tasks().items()}
    assert before["3"]["annotations"] and project.tasks()["5"]["drafts"]

    assert project.screened() == (0, 5, 5)  # that nothing was found is a finding too
    assert project.found() == {"1": "pii.email", "4": "flaw.truncated"}
    assert project.screened() == (0, 5, 0)
    assert not project.reasons(), "a person read the cut off answer and called it good"

    assert project.screened("--eval", project.evaluation) == (0, 5, 1)
    assert project.found()["3"] == "contamination.contained"
    assert project.screened("--eval", project.evaluation) == (0, 5, 0)
    assert project.screened() == (0, 5, 0), "what was not looked for is not taken back"
    assert set(project.reasons()) == {"contamination.contained"}, "nobody sees that on a screen"
    assert {place: untouched(task) for place, task in project.tasks().items()} == before

    project.evaluation.write_text(json.dumps({"prompt": "Which metal is liquid?"}) + "\n")
    assert project.screened("--eval", project.evaluation) == (0, 5, 1)
    assert project.found() == {"1": "pii.email", "4": "flaw.truncated"}


@pytest.mark.parametrize(
    ("lang", "said"),
    [("en", "of these with updated findings 5"), ("zh", "其中更新筛查发现 5")],
)
def test_the_number_is_said_and_a_killed_run_goes_on(project: Project, lang: str, said: str):
    shown = project.run("--curate", project.folder / "found", "--lang", lang).stdout
    assert said.replace("5", "0") in shown, shown
    project.number = create_project(project.studio, KIND)
    assert project.counts() == (5, 0, None)
    records = project.folder / "found" / "records.jsonl"

    def stop(done: float, of: float) -> None:
        assert of == 5
        if done == 2:
            raise KeyboardInterrupt

    rows = open_rows(records, format="records")
    with pytest.raises(KeyboardInterrupt):
        import_to_project(rows, project.number, settings=load({}), updating=stop)
    # The folder of a curation is as good as the import that makes it.
    assert project.counts(file=records) == (0, 5, 3)
    assert project.counts(file=records) == (0, 5, 0)
    assert project.found() == {"1": "pii.email", "4": "flaw.truncated"}


def test_a_task_with_another_text_keeps_its_findings(project: Project):
    assert project.counts() == (5, 0, None)
    task = project.tasks()["4"]
    data = task["data"]
    data["goldleaf"]["record"]["response"][0]["content"] = "The Nile."
    project.studio.patch(f"/api/tasks/{task['id']}/", {"data": data})
    done = project.run("--curate", project.folder / "found")
    assert "  1 tasks that were changed since keep their old findings" in done.stderr
    assert "of these with updated findings 4" in done.stdout
    assert project.found() == {"1": "pii.email"}


def test_an_import_without_a_curation_takes_no_finding_back(project: Project):
    assert project.screened() == (5, 0, 0)
    found = project.found()
    assert list(found) == ["1", "4"]
    assert project.counts() == (0, 5, None)
    assert project.found() == found


def test_tasks_come_in_the_order_of_the_file(project: Project):
    rows = [{"instruction": f"What is {n} + {n}?", "output": f"It is {n + n}."} for n in range(30)]
    again = [*rows[:20], rows[3], rows[7], *rows[20:]]
    project.file.write_text("".join(f"{json.dumps(row)}\n" for row in again), "utf-8")
    assert project.screened() == (30, 0, 0)
    tasks = iterate_tasks(project.studio, project.number)
    assert [each["data"]["prompt"] for each in tasks] == [row["instruction"] for row in rows]
