"""Updates of tasks that a project has, by what a later import brings: origins, licences, findings.

Each task is written in one request, with its `meta`, so a run that was killed is simply repeated;
and one after another, since Label Studio loses count of a project's data columns (README.md) where
two tasks are changed at once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from goldleaf.core.json_values import object_or_empty
from goldleaf.label_configs.table_columns import with_table_columns
from goldleaf.studio.existing_tasks import ExistingTasks, pass_over
from goldleaf.studio.task_findings import CurationRun, findings_hash, findings_of, with_findings
from goldleaf.studio.task_identity import (
    identity_meta,
    merge_parents,
    parent_hash,
    parents_of,
    task_hash,
    with_parents,
)
from goldleaf.studio.task_pagination import iterate_tasks

_PAGE = 200
"""Tasks read before they are written: what others change in between would be lost."""


@dataclass(slots=True)
class _News:
    """What came of one task: parents that it lacks, and its findings if they are others."""

    parents: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    found: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class UpdateOutcome:
    """How many tasks now name other `parents`, how many have other `findings`.

    `edited` tasks have another record than they were imported with, so they keep their findings.
    """

    parents: int = 0
    findings: int = 0
    edited: int = 0


class TaskUpdates:
    """What came of tasks that are there, gathered by identity, then written in one pass."""

    def __init__(self, there: ExistingTasks, run: CurationRun | None) -> None:
        """Start with nothing.

        Args:
            there: the project's tasks.
            run: the curation that the tasks came from; None leaves findings as they are.
        """
        self._there, self._run = there, run
        self._news: dict[str, _News] = {}

    def add(self, identity: str, data: Mapping[str, Any], *, again: bool) -> None:
        """Note what a task of this identity says now that the one which is there may not say.

        Args:
            identity: `task_hash(data)`.
            data: the task that came.
            again: one of this identity came before in this import, and its findings count.
        """
        news = self._news.get(identity, _News())
        news.parents += self._new_parents(identity, parents_of(data))
        screened = self._run is not None and not again and self._run.screened(data)
        if screened and self._there.findings.get(identity) != findings_hash(data):
            news.found = findings_of(data)
        if news.parents or news.found is not None:
            self._news[identity] = news

    def write(self, progress: Callable[[int, int], None] | None = None) -> UpdateOutcome:
        """Write what is new; tasks are read from the first to the last of them, once.

        Args:
            progress: called with how many of the tasks that may change are done, and their number.

        Raises:
            StudioUnreachable: Label Studio failed again and again; run the same import again.
        """
        wanted = self._wanted()
        if not wanted:
            return UpdateOutcome()
        parents = findings = edited = done = 0
        rows = iterate_tasks(
            *(self._there.studio, self._there.project),
            after=min(wanted) - 1,
            page_size=_PAGE,
            include=("id", "data", "meta"),
            unreadable=pass_over,
        )
        last = max(wanted)
        for row in rows:
            if asked := wanted.get(int(row["id"])):
                identity, news = asked
                data = object_or_empty(row["data"])
                now = _with_origins(data, news)
                parents += now != data
                if news.found is not None and self._run is not None:
                    unchanged = task_hash(data) == identity
                    found = with_findings(now, news.found, self._run) if unchanged else now
                    edited += not unchanged
                    findings += found != now
                    now = found
                if now != data:
                    meta = {**object_or_empty(row["meta"]), **identity_meta(now, task_hash(now))}
                    path = f"/api/tasks/{row['id']}/"
                    self._there.studio.patch(path, {"data": now, "meta": meta})
                done += 1
                if progress:
                    progress(done, len(wanted))
            if int(row["id"]) >= last:
                break
        return UpdateOutcome(parents, findings, edited)

    def _wanted(self) -> dict[int, tuple[str, _News]]:
        """Return task id -> identity and news, without what the task says by now."""
        wanted: dict[int, tuple[str, _News]] = {}
        for identity, news in self._news.items():
            # A task that came twice in this import is there by now, with what came first.
            news.parents = self._new_parents(identity, news.parents)
            if identity in self._there.ids and (news.parents or news.found is not None):
                wanted[self._there.ids[identity]] = identity, news
        return wanted

    def _new_parents(
        self, identity: str, parents: Sequence[dict[str, Any]]
    ) -> list[dict[str, Any]]:
        known = self._there.parents.get(identity, frozenset())
        return [each for each in parents if parent_hash(each) not in known]


def _with_origins(data: Mapping[str, Any], news: _News) -> dict[str, Any]:
    old = parents_of(data)
    parents = merge_parents(old, news.parents)
    if not news.parents or parents == old:
        return dict(data)
    return with_table_columns(with_parents(data, parents))
