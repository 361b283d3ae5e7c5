"""Label Studio's JSON export, as its menu writes it: tasks with their annotations."""

from __future__ import annotations

import json

from goldleaf.core.records import Candidate, Comparison, Demonstration, Record, Turn
from goldleaf.label_configs.read_annotations import read_task
from goldleaf.label_configs.regions import to_regions
from goldleaf.label_configs.registry import kinds

ASKED = (Turn("user", "How do I open a lock?"),)


def shown_answer(answer: str = "Ask a locksmith.", asked=ASKED) -> Demonstration:
    """Return a row as it is imported: a prompt with one answer, or none."""
    return Demonstration(asked, (Turn("assistant", answer),) if answer else ())


def shown_pair(a: str = "Ask a locksmith.", b: str = "No idea.", asked=ASKED) -> Comparison:
    """Return a row as it is imported: a prompt with two answers."""
    return Comparison(
        asked, (Candidate((Turn("assistant", a),)), Candidate((Turn("assistant", b),)))
    )


class Project:
    """One project of one kind; `task` adds a task, `annotate` an annotation."""

    def __init__(self, number: int, kind: str) -> None:
        self.number, self.kind = number, kinds()[kind]
        self.tasks: list[dict] = []
        self._annotations = 100 * number

    def task(self, record: Record) -> dict:
        task = {
            "id": 10 * self.number + len(self.tasks),
            "project": self.number,
            "data": self.kind.codec.to_task(record),
            "annotations": [],
            "predictions": [],
            "drafts": [],
        }
        self.tasks.append(task)
        return task

    def annotate(self, task: dict, who: int, *, at: str = "2026-01-01", **answer) -> dict:
        """Add what annotator `who` says; a choice by content as `A=text` in `decision`."""
        self._annotations += 1
        said = vars(self.kind.codec)["Answer"](**answer) if answer else None
        values = self.kind.to_annotation(said) if said else {}
        annotation = {
            "id": self._annotations,
            "completed_by": who,
            "updated_at": f"{at}T00:00:00Z",
            "created_at": f"{at}T00:00:00Z",
            "was_cancelled": said is None,
            "result": to_regions(values, self.kind.screen),
        }
        task["annotations"].append(annotation)
        return annotation

    def prefer(self, task: dict, who: int, text: str, strength: str = "", **more) -> dict:
        """Add that `who` finds the answer `text` better (`_much`: much better)."""
        side = "a" if task["data"]["answer_a"] == text else "b"
        edit = {f"edit_{side}": more.pop("edit")} if "edit" in more else {}
        return self.annotate(task, who, decision=f"{side}{strength}", **edit, **more)

    def write(self, path):
        """Write the export file and return its path."""
        path.write_text(json.dumps(self.tasks, ensure_ascii=False), "utf-8")
        return path


def readings(*projects: Project) -> list:
    """Read tasks as `goldleaf export FILE.json` does."""

    def annotator(who: int) -> str:
        return f"person:{who}"

    return [
        reading
        for project in projects
        for task in json.loads(json.dumps(project.tasks))
        for reading in read_task(task, annotator=annotator)
    ]


def taught_and_rejected(out) -> tuple[set[tuple[str, str]], set[tuple[str, str]]]:
    """Return (prompt, text) of all that is taught and of all that is rejected in OUT."""
    taught, rejected = set(), set()
    for path in sorted((out / "trl").rglob("*.jsonl")):
        for line in path.read_text("utf-8").splitlines():
            row = json.loads(line)
            if "messages" in row:
                *asked, answer = row["messages"]
                taught.add((_said(asked), answer["content"]))
            elif "chosen" in row:
                asked = _said(row["prompt"])
                taught.add((asked, row["chosen"][-1]["content"]))
                rejected.add((asked, row["rejected"][-1]["content"]))
            elif "completion" in row:
                said = (_said(row["prompt"]), row["completion"][-1]["content"])
                (taught if row["label"] else rejected).add(said)
    return taught, rejected


def _said(turns) -> str:
    return json.dumps([turn["content"] for turn in turns], ensure_ascii=False)
