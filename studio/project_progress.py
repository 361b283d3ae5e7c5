"""Progress of a project: finished tasks, and annotations by account."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from goldleaf.core.json_values import object_or_empty
from goldleaf.studio.annotation_stream import stream_tasks
from goldleaf.studio.client import Studio
from goldleaf.studio.task_pagination import UnreadableTask


@dataclass(frozen=True, slots=True)
class AnnotatorProgress:
    """What one account did: answers submitted, tasks skipped, when last (ISO 8601, or "")."""

    account: str
    submitted: int
    skipped: int
    last: str


@dataclass(frozen=True, slots=True)
class Progress:
    """A project's tasks: `finished` ones have as many answers as the project asks for.

    `drafted` ones have a prediction, answered or not.
    """

    tasks: int
    finished: int
    drafted: int
    annotators: tuple[AnnotatorProgress, ...] = field(default=())


def progress_of(studio: Studio, project_id: int) -> Progress:
    """Return how far a project is, the busiest annotator first.

    An account that was deleted since is called `unknown`. Tasks that Label Studio cannot give count
    as tasks only.

    Raises:
        UsageError: there is no such project; else errors as for `Studio.get`.
    """
    accounts = studio.accounts()
    submitted: Counter[str] = Counter()
    skipped: Counter[str] = Counter()
    last: dict[str, str] = {}
    tasks = finished = drafted = 0
    lost: list[UnreadableTask] = []
    for task in stream_tasks(studio, project_id, unreadable=lost.append):
        tasks += 1
        finished += bool(task["is_labeled"])
        drafted += bool(task["predictions"])
        for annotation in task["annotations"]:
            who = _account(annotation.get("completed_by"), accounts)
            (skipped if annotation["was_cancelled"] else submitted)[who] += 1
            last[who] = max(last.get(who, ""), str(annotation["updated_at"]))
    tasks += len(lost)
    rows = [AnnotatorProgress(w, submitted[w], skipped[w], last[w]) for w in last]
    rows.sort(key=lambda row: (-row.submitted, row.account))
    return Progress(tasks, finished, drafted, tuple(rows))


def _account(completed_by: Any, accounts: dict[int, str]) -> str:
    number = object_or_empty(completed_by).get("id", completed_by)
    return accounts.get(number, "unknown")
