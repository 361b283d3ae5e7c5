"""Tasks into a project, each once, however often the import is run."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
import xxhash

from goldleaf.core.errors import GoldleafError
from goldleaf.core.plain import mapping
from goldleaf.studio.client import Refused, Studio
from goldleaf.studio.projects import get_project
from goldleaf.studio.task_pages import stream

MAX_TASKS, MAX_BYTES = 500, 8_000_000
"""The largest chunk of one request: Label Studio's own batch, and well under proxies' limits."""
_META = "goldleaf"


@dataclass(frozen=True, slots=True)
class ImportOutcome:
    """What an import did; `created` + `already_there` + refused = tasks given.

    Attributes:
        created: tasks that are new in the project.
        already_there: tasks that the project had, or that the input had twice.
        task_ids: for each task given, in order, its id in the project; None where it was refused.
        refused: (position in the input, Label Studio's reason) of each task it would not take.
    """

    created: int
    already_there: int
    task_ids: tuple[int | None, ...]
    refused: tuple[tuple[int, str], ...] = ()


@dataclass(frozen=True, slots=True)
class _Task:
    position: int
    hash: str
    size: int
    data: Mapping[str, Any]


def task_hash(data: Mapping[str, Any]) -> str:
    """Return the hash of a task's data: the same for the same content in any order of keys.

    Where the content came from (`goldleaf.record.parents`) plays no part: the same row imported
    again from a renamed file, or with its licence said this time, is the same task.
    """
    ours = mapping(data.get("goldleaf"))
    record = {k: v for k, v in mapping(ours.get("record")).items() if k != "parents"}
    content = {**data, "goldleaf": {**ours, "record": record}}
    return xxhash.xxh3_128_hexdigest(orjson.dumps(content, option=orjson.OPT_SORT_KEYS))


def import_tasks(
    studio: Studio,
    project_id: int,
    tasks: Iterable[Mapping[str, Any]],
    *,
    progress: Callable[[int], None] | None = None,
) -> ImportOutcome:
    """Import tasks that the project does not have yet.

    Each task carries its hash in `meta`. A run that was killed is simply repeated: what arrived is
    found by its hash. What Label Studio says it stored is read back before it is believed.

    Args:
        studio: where.
        project_id: which project; an unknown one is a UsageError.
        tasks: the data of each task, as a kind's `show` gives it; read once, never all in memory.
        progress: called with the number of tasks dealt with so far.

    Raises:
        GoldleafError: Label Studio said it stored tasks that are not there.
    """
    get_project(studio, project_id)
    known = {
        mark["hash"]: int(task["id"])
        for task in stream(studio, project_id, include=("id", "meta"))
        if isinstance(mark := (task.get("meta") or {}).get(_META), dict) and "hash" in mark
    }
    hashes: list[str] = []
    refused: list[tuple[int, str]] = []
    already_there = created = 0

    def fresh() -> Iterator[_Task]:
        nonlocal already_there
        waiting: set[str] = set()
        for position, data in enumerate(tasks):
            try:
                body = orjson.dumps(data, option=orjson.OPT_SORT_KEYS)
            except orjson.JSONEncodeError as error:
                hashes.append("")
                refused.append((position, f"it is no JSON: {error}"))
                continue
            task = _Task(position, xxhash.xxh3_128_hexdigest(body), len(body), data)
            hashes.append(task.hash)
            if task.hash in known or task.hash in waiting:
                already_there += 1
            else:
                waiting.add(task.hash)
                yield task

    for chunk in _chunks(fresh()):
        stored = _store(studio, project_id, chunk, refused)
        known |= stored
        created += len(stored)
        if progress:
            progress(len(hashes))
    if progress:
        progress(len(hashes))
    return ImportOutcome(
        created, already_there, tuple(known.get(each) for each in hashes), tuple(sorted(refused))
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


def _store(
    studio: Studio, project_id: int, chunk: Sequence[_Task], refused: list[tuple[int, str]]
) -> dict[str, int]:
    """Send a chunk; one task that is refused is found by halving and stops no other."""
    try:
        answer = studio.post(
            f"/api/projects/{project_id}/import",
            [{"data": task.data, "meta": {_META: {"hash": task.hash}}} for task in chunk],
            {"return_task_ids": "true"},
        )
    except Refused as error:
        if error.status != 400:
            raise
        if len(chunk) == 1:
            refused.append((chunk[0].position, error.detail))
            return {}
        half = len(chunk) // 2
        first = _store(studio, project_id, chunk[:half], refused)
        return first | _store(studio, project_id, chunk[half:], refused)
    wanted = {task.hash for task in chunk}
    stored: dict[str, int] = {}
    first_id = min(answer["task_ids"], default=1)
    for task in stream(studio, project_id, after=first_id - 1, include=("id", "meta")):
        mark = (task.get("meta") or {}).get(_META)
        if isinstance(mark, dict) and mark.get("hash") in wanted:
            stored[mark["hash"]] = int(task["id"])
    if missing := sorted(task.position for task in chunk if task.hash not in stored):
        raise GoldleafError(
            f"Label Studio said it stored {len(chunk)} tasks, but {len(missing)} are not there: "
            f"numbers {', '.join(map(str, missing[:20]))} of the input, counted from 0.",
            where=f"{studio.url}/projects/{project_id}",
            fix="run the same import again; tasks that are there are not doubled",
        )
    return stored
