"""Two lists of a project's tasks by what a model makes of them: labels to check, and what is hard.

They are two questions. A label is to be checked where the model contradicts it; that says nothing
of an unanswered task. A task is hard where the model is unsure; that cannot see a wrong label.
Neither is a share of wrong labels: where people really disagree such lists are right in one of four
to ten cases (`docs/models.md`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from goldleaf.core.input_results import InputResult
from goldleaf.core.records import Provenance, Record
from goldleaf.core.translations import Translations
from goldleaf.workflows.model_signals import CONTRADICTS, DISAGREEMENT, DOUBT, MISMATCH, RANK

if TYPE_CHECKING:
    from goldleaf.studio.client import Studio

CHECK, HARD = "check_label", "label_next"
"""Names of the lists."""
LONGEST = 50
"""Tasks of a list."""
CONTRADICTED = 0.5
"""From here on a model contradicts a label: half of its verdicts, or of its own answers."""
UNLIKELY = 0.95
"""A response that is less likely than so many others is looked at, too."""


@dataclass(frozen=True, slots=True)
class SeenTask:
    """A task, whether a person answered it, and the signals of what it holds."""

    task: int
    answered: bool
    signals: dict[str, float]


def unanswered(studio: Studio, project: int) -> Iterator[InputResult]:
    """Yield the record of every task of a project that nobody answered or skipped.

    Its only parent names the project and the task, and no annotation.
    """
    from goldleaf.core.errors import BadRow
    from goldleaf.label_configs.display_check import imported_record
    from goldleaf.studio.annotation_stream import stream_tasks

    for task in stream_tasks(studio, project, unreadable=lambda missing: None):
        if task["annotations"]:
            continue
        key = f"project:{project}/task:{task['id']}"
        try:
            record = imported_record(task["data"])
        except BadRow as error:
            yield InputResult(key, reason=error.reason, detail=error.detail)
            continue
        yield InputResult(key, (with_task(record, project, task["id"]),))


def with_task(record: Record, project: int, task: int) -> Record:
    """Return a record of which nothing is known but the task that it is in."""
    from dataclasses import replace

    return replace(record, parents=(Provenance(project=project, task=task),))


def lists_of(seen: Sequence[SeenTask]) -> dict[str, list[int]]:
    """Return the ids of the tasks of both lists, those first that need a person most.

    Where records of one task differ, the one that is contradicted more counts.
    """
    check: dict[int, tuple[float, float]] = {}
    hard: dict[int, float] = {}
    for each in seen:
        rank = each.signals.get(RANK, 0.0)
        if each.answered:
            against = max(each.signals.get(CONTRADICTS, 0.0), each.signals.get(MISMATCH, 0.0))
            if against >= CONTRADICTED or rank >= UNLIKELY:
                check[each.task] = max(check.get(each.task, (0.0, 0.0)), (against, rank))
            continue
        known = [each.signals[name] for name in (DISAGREEMENT, DOUBT, RANK) if name in each.signals]
        if known:
            hard[each.task] = max(hard.get(each.task, 0.0), sum(known) / len(known))
    by_check = sorted(check, key=lambda task: (*(-value for value in check[task]), task))
    by_hard = sorted(hard, key=lambda task: (-hard[task], task))
    return {CHECK: by_check[:LONGEST], HARD: by_hard[:LONGEST]}


def show_lists(
    studio: Studio, project: int, lists: Mapping[str, Sequence[int]], lang: str
) -> dict[str, int]:
    """Show both lists as tabs of the project's data manager; return how many tasks each has."""
    from goldleaf.studio.task_lists import show_task_list

    words = Translations(lang)
    for name, tasks in lists.items():
        show_task_list(studio, project, name, words(f"signals.list_{name}"), tasks)
    return {name: len(tasks) for name, tasks in lists.items()}
