"""What the page of a team is made of: tables of tasks, answers and choices."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import polars as pl


def task_schema() -> dict[str, Any]:
    """Return the columns of a table of tasks, one row each.

    `project`, `task`: Label Studio's numbers; `task_hash`: as in the answers; `kind`: that the task
    was made for, with its version, "" of a foreign one; `finished`: has all answers that its
    project asks for; `drafted`: has a prediction; `reading`: seconds that a fast reader needs for
    what it shows.
    """
    return {
        **{"project": pl.Int64, "task": pl.Int64, "task_hash": pl.UInt64, "kind": pl.String},
        **{"finished": pl.Boolean, "drafted": pl.Boolean, "reading": pl.Float64},
    }


@dataclass(frozen=True, slots=True)
class TeamProject:
    """A project of the team: title, how many people answer a task, the kind that reads it.

    `url` is that of its tasks in Label Studio; `error` says why its answers cannot be read.
    """

    number: int
    title: str
    overlap: int
    kind: str
    url: str
    error: str = ""


@dataclass(frozen=True, slots=True)
class TeamInputs:
    """All that is known of a team's work.

    `answers`: every state (`goldleaf.agreement.control_answers.control_answer_schema`); `tasks`:
    `task_schema`; `choices`: `goldleaf.curation.pair_audit.choices.choice_schema`; `skip_notes`:
    (project, task, annotator, what was written) of skipped tasks; `deleted`: pseudonyms of
    accounts that are gone.
    """

    projects: tuple[TeamProject, ...]
    tasks: pl.DataFrame
    answers: pl.DataFrame
    choices: pl.DataFrame
    skip_notes: tuple[tuple[int, int, str, str], ...] = ()
    deleted: frozenset[str] = frozenset()
    gold: Mapping[str, tuple[int, int]] = field(default_factory=dict[str, tuple[int, int]])
    """Annotator -> (right, answered) of gold questions; empty without any."""
