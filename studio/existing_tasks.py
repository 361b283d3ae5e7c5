"""Which tasks a project has, by identity, kept up to date while tasks are imported."""

from __future__ import annotations

from dataclasses import dataclass, field

from goldleaf.core.json_values import object_or_empty
from goldleaf.studio.client import Studio
from goldleaf.studio.task_findings import findings_hash
from goldleaf.studio.task_identity import parent_hash, parents_of, parse_identity_meta, task_hash
from goldleaf.studio.task_pagination import UnreadableTask, iterate_tasks


@dataclass
class ExistingTasks:
    """The tasks that a project has, by identity; `refresh` finds those that came since.

    Of two tasks with one identity the older one stays: others may import at the same time, or a
    request whose answer was lost may have been acted on after all. An import that sees two removes
    the newer, unless it was answered; so all who import agree. What was there before the first
    `refresh` is never touched (`since` is the last of it).

    `ids`: identity -> task id; `parents`: identity -> hashes of its parents (`parent_hash`);
    `findings`: identity -> hash of its findings (`findings_hash`), "" where it is not known;
    `read_to`: the last task id seen; `doubtful`: set by the caller after a lost answer.
    """

    studio: Studio
    project: int
    ids: dict[str, int] = field(default_factory=dict[str, int])
    parents: dict[str, frozenset[str]] = field(default_factory=dict[str, frozenset[str]])
    findings: dict[str, str] = field(default_factory=dict[str, str])
    read_to: int = 0
    since: int | None = None
    doubtful: bool = False

    def refresh(self, *, behind: int | None = None) -> None:
        """Read what is new behind the last task seen, or behind the id given, if that is lower.

        Args:
            behind: a task id; None for the last one seen.

        Raises:
            GoldleafError: Label Studio cannot give a task; see `iterate_tasks`.
        """
        after = self.read_to if behind is None else min(behind, self.read_to)
        unmarked: list[int] = []
        for task in iterate_tasks(self.studio, self.project, after=after, include=("id", "meta")):
            found = parse_identity_meta(task.get("meta"))
            if found:
                self._add(*found, int(task["id"]))
            else:
                unmarked.append(int(task["id"]))
            self.read_to = max(self.read_to, int(task["id"]))
        if unmarked:
            self._read(unmarked)
        if self.since is None:
            self.since = self.read_to

    def _read(self, unmarked: list[int]) -> None:
        """Take in tasks of others, or of an older goldleaf, by what their data say."""
        wanted = set(unmarked)
        rows = iterate_tasks(
            *(self.studio, self.project),
            after=unmarked[0] - 1,
            include=("id", "data"),
            unreadable=pass_over,
        )
        for row in rows:
            if row["id"] in wanted:
                data = object_or_empty(row["data"])
                came = frozenset(map(parent_hash, parents_of(data)))
                self._add(task_hash(data), came, findings_hash(data), int(row["id"]))
            if row["id"] >= unmarked[-1]:
                break

    def _add(self, identity: str, parents: frozenset[str], found: str, task: int) -> None:
        known = self.ids.setdefault(identity, task)
        if known == task:
            self.parents[identity], self.findings[identity] = parents, found
            return
        first, second = sorted((known, task))
        self.ids[identity] = first
        if self.since is not None and second > self.since and self._removed(second):
            # Label Studio may give this number again.
            self.read_to = min(self.read_to, second - 1)

    def _removed(self, task: int) -> bool:
        """Remove a task that came twice, if it has no annotation."""
        only = {"filter": "filter:tasks:id", "operator": "equal", "type": "Number", "value": task}
        wanted = ("id", "total_annotations", "cancelled_annotations")
        for row in iterate_tasks(self.studio, self.project, include=wanted, where=(only,)):
            if row["total_annotations"] or row["cancelled_annotations"]:
                return False
            self.studio.delete(f"/api/tasks/{task}/")
        return True


def pass_over(task: UnreadableTask) -> None:
    """Ignore a task that cannot be read; the default where an import lists the tasks there are.

    The import refuses what UTF-8 cannot hold, so such a task is not ours.
    """
