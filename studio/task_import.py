"""Import tasks into a project, each once, even if imports are repeated or run at the same time."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from goldleaf.core.errors import GoldleafError, StudioUnreachable
from goldleaf.core.json_values import object_or_empty
from goldleaf.label_configs.table_columns import with_table_columns
from goldleaf.studio.client import RequestRejected, Studio, Unauthorized
from goldleaf.studio.existing_tasks import ExistingTasks
from goldleaf.studio.projects import get_project
from goldleaf.studio.task_findings import CurationRun
from goldleaf.studio.task_identity import identity_meta, task_hash
from goldleaf.studio.task_updates import TaskUpdates

MAX_TASKS, MAX_BYTES = 500, 8_000_000
"""The largest chunk of one request: Label Studio's own batch, and well under proxies' limits."""
_PAUSES = (1.0, 3.0, 10.0)
"""Seconds before it is looked what became of a request whose answer was lost."""


@dataclass(frozen=True, slots=True)
class ImportOutcome:
    """What an import did; `created` + `already_there` + refused = tasks given.

    Attributes:
        created: tasks that are new in the project.
        already_there: tasks that the project had, or that the input had twice.
        task_ids: for each task given, in order, its id in the project; None where it was refused.
        refused: (position in the input, Label Studio's reason) of each task it would not take.
        updated: tasks of those already there that now say more about where they come from.
        findings_updated: tasks of those already there that have other findings now.
        edited: tasks of those already there with another text than they came with, so that the
            findings of now are not about it.
    """

    created: int
    already_there: int
    task_ids: tuple[int | None, ...]
    refused: tuple[tuple[int, str], ...] = ()
    updated: int = 0
    findings_updated: int = 0
    edited: int = 0


@dataclass(frozen=True, slots=True)
class _Task:
    position: int
    hash: str
    size: int
    data: Mapping[str, Any]


def import_tasks(
    studio: Studio,
    project_id: int,
    tasks: Iterable[Mapping[str, Any]],
    *,
    curation: CurationRun | None = None,
    progress: Callable[[int], None] | None = None,
    updating: Callable[[int, int], None] | None = None,
) -> ImportOutcome:
    """Import tasks that the project does not have yet.

    Each task carries its identity in `meta` (`task_identity`), and the plain columns of the data
    manager's table (`label_configs.table_columns`). A run that was killed is simply
    repeated: what arrived is found by it. What Label Studio reports as stored is read back before
    it is believed, and after an answer that was lost only what is not there is sent again. A task
    that is there and comes from elsewhere now, with a licence or with other findings of a curation,
    is updated and not doubled; answers, drafts and what its screen shows are never touched.

    Args:
        studio: where.
        project_id: which project; an unknown one is a UsageError.
        tasks: the data of each task, as `Codec.to_task` returns it; read once, as a stream.
        curation: what the tasks were screened by; by default the findings of tasks that are there
            stay as they are.
        progress: called with the number of tasks dealt with so far.
        updating: called with how many of the tasks that are there and may change are done, and
            their number.

    Raises:
        GoldleafError: Label Studio reported that it stored tasks that are not there.
        StudioUnreachable: it failed again and again; run the same import again.
    """
    get_project(studio, project_id)
    there = ExistingTasks(studio, project_id)
    there.refresh()
    hashes: list[str] = []
    refused: list[tuple[int, str]] = []
    updates = TaskUpdates(there, curation)
    already_there = 0

    def fresh() -> Iterator[_Task]:
        nonlocal already_there
        seen: set[str] = set()
        for position, data in enumerate(tasks):
            try:
                whole = with_table_columns(data)
                task = _Task(position, task_hash(data), len(orjson.dumps(whole)), whole)
            except orjson.JSONEncodeError as error:
                hashes.append("")
                refused.append((position, f"it is no JSON: {error}"))
                continue
            hashes.append(task.hash)
            if task.hash in there.ids or task.hash in seen:
                already_there += 1
                updates.add(task.hash, data, again=task.hash in seen)
                seen.add(task.hash)
            else:
                seen.add(task.hash)
                yield task

    for chunk in _chunks(fresh()):
        already_there += _store(there, chunk, refused)
        if progress:
            progress(len(hashes))
    if there.doubtful:
        there.refresh(behind=there.since)
    if progress:
        progress(len(hashes))
    updated = updates.write(updating)
    refused.sort()
    unstored = {position for position, _ in refused}
    ids = [None if at in unstored else there.ids.get(each) for at, each in enumerate(hashes)]
    created = len(hashes) - already_there - len(refused)
    return ImportOutcome(
        *(created, already_there, tuple(ids), tuple(refused)),
        updated=updated.parents,
        findings_updated=updated.findings,
        edited=updated.edited,
    )


def _chunks(tasks: Iterable[_Task]) -> Iterator[list[_Task]]:
    chunk: list[_Task] = []
    size = 0
    for task in tasks:
        if chunk and (len(chunk) == MAX_TASKS or size + task.size > MAX_BYTES):
            yield chunk
            chunk, size = [], 0
        chunk.append(task)
        size += task.size
    if chunk:
        yield chunk


def _store(there: ExistingTasks, chunk: Sequence[_Task], refused: list[tuple[int, str]]) -> int:
    """Send what is not there; return how many of the chunk another import has stored.

    One task that is refused is found by halving and stops no other.
    """
    missing = [task for task in chunk if task.hash not in there.ids]
    others = len(chunk) - len(missing)
    try:
        return others + _send(there, missing)
    except RequestRejected as error:
        if error.status not in (400, 413):
            raise
        if len(missing) == 1:
            refused.append((missing[0].position, error.detail))
            return others
    half = len(missing) // 2
    others += _store(there, missing[:half], refused)
    return others + _store(there, missing[half:], refused)


def _send(there: ExistingTasks, missing: Sequence[_Task]) -> int:
    """Send tasks until all are there; return how many of them another import has stored meanwhile.

    Where the answer is lost, the tasks may have been stored, or be stored yet: it is looked before
    anything is sent again.
    """
    for pause in (*_PAUSES, None):
        if not missing:
            break
        try:
            stored = _post(there, missing)
        except Unauthorized:
            raise
        except StudioUnreachable:
            if pause is None:
                raise
            there.doubtful = True
            time.sleep(pause)
            there.refresh()
            missing = [task for task in missing if task.hash not in there.ids]
        else:
            there.refresh(behind=min(stored, default=there.read_to + 1) - 1)
            if gone := sorted(task.position for task in missing if task.hash not in there.ids):
                raise _not_stored(there, missing, gone)
            return sum(there.ids[task.hash] not in stored for task in missing)
    return 0


def _post(there: ExistingTasks, tasks: Sequence[_Task]) -> set[int]:
    answer = there.studio.post(
        f"/api/projects/{there.project}/import",
        [{"data": task.data, "meta": identity_meta(task.data, task.hash)} for task in tasks],
        {"return_task_ids": "true"},
        shape=_stored,
    )
    return set(answer["task_ids"])


def _stored(answer: Any) -> bool:
    ids = object_or_empty(answer).get("task_ids")
    return isinstance(ids, list) and all(type(each) is int for each in ids)


def _not_stored(there: ExistingTasks, tasks: Sequence[_Task], gone: Sequence[int]) -> GoldleafError:
    return GoldleafError(
        f"Label Studio reported that it stored {len(tasks)} tasks, but {len(gone)} are not there: "
        f"numbers {', '.join(map(str, gone[:20]))} of the input, counted from 0.",
        where=f"{there.studio.url}/projects/{there.project}",
        fix="run the same import again; tasks that are there are not doubled",
    )
