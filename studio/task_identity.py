"""Identity hashes of tasks, kept in a task's `meta` so that imports need not read whole tasks.

The content is the identity: the kind and the record's own `record_id`. Where a row came from, its
licence, its tags and how a screen of some version shows it play no part.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import orjson
import xxhash

from goldleaf.core.errors import BadRow
from goldleaf.core.json_values import object_or_empty, objects_in
from goldleaf.core.record_hash import record_id
from goldleaf.core.records_jsonl import from_plain
from goldleaf.studio.task_findings import findings_hash

_META = "goldleaf"
_NOT_CONTENT = {"parents", "tags"}


def task_hash(data: Mapping[str, Any]) -> str:
    """Return the hash of a task's content: 32 hex digits.

    The same row imported again from a renamed file, or with its licence given this time, is the
    same task. A task that holds no record of ours is hashed as it is, in any order of keys.
    """
    ours = object_or_empty(data.get("goldleaf"))
    record = object_or_empty(ours.get("record"))
    if not record:
        return _digest(data)
    kind = str(ours.get("kind", "")).partition("/")[0]
    try:
        return _digest([kind, record_id(from_plain(record))])
    except BadRow:
        content = {name: value for name, value in record.items() if name not in _NOT_CONTENT}
        return _digest({**data, "goldleaf": {**ours, "record": content}})


def parents_of(data: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the provenance of a task's record, one mapping a parent; [] where its data has none.

    From `goldleaf.record.parents` in the task's data.
    """
    record = object_or_empty(object_or_empty(data.get("goldleaf")).get("record"))
    return [dict(parent) for parent in objects_in(record.get("parents"))]


def with_parents(data: Mapping[str, Any], parents: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return a copy of the task data with other parents, and else as it was."""
    ours = object_or_empty(data.get("goldleaf"))
    record = {**object_or_empty(ours.get("record")), "parents": list(parents)}
    return {**data, "goldleaf": {**ours, "record": record}}


def merge_parents(
    old: Iterable[Mapping[str, Any]], new: Iterable[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """Merge two lists of parents: the same place is updated, another one is added.

    A place is `file` and `line`; a key that is absent in `new` keeps its old value. Parents that
    name both a licence and a consent come first, then those that name one, else in order: an answer
    takes on the first one's.
    """
    places: dict[tuple[Any, Any], dict[str, Any]] = {}
    for parent in (*old, *new):
        place = parent.get("file"), parent.get("line")
        places[place] = {**places.get(place, {}), **parent}
    return sorted(
        places.values(), key=lambda p: -sum(bool(p.get(name)) for name in ("licence", "consent"))
    )


def identity_meta(data: Mapping[str, Any], identity: str) -> dict[str, Any]:
    """Return the `meta` of a task: its identity, short hashes of its parents and findings.

    Args:
        data: the task's data.
        identity: `task_hash(data)`.
    """
    parents = sorted(map(parent_hash, parents_of(data)))
    return {_META: {"content": identity, "parents": parents, "found": findings_hash(data)}}


def parse_identity_meta(meta: Any) -> tuple[str, frozenset[str], str] | None:
    """Return (identity, parents' hashes, findings' hash) as `identity_meta` wrote them.

    None for a task that has no mark, or one of an older form; the last is "" where an earlier
    release wrote none.
    """
    ours = object_or_empty(object_or_empty(meta).get(_META))
    content, parents = ours.get("content"), ours.get("parents")
    if not isinstance(content, str) or not isinstance(parents, list):
        return None
    return content, frozenset(map(str, parents)), str(ours.get("found", ""))


def parent_hash(parent: Mapping[str, Any]) -> str:
    """Return a short hash of a parent: 8 hex digits, enough among the parents of one task."""
    return _digest(parent)[:8]


def _digest(content: Any) -> str:
    return xxhash.xxh3_128_hexdigest(orjson.dumps(content, option=orjson.OPT_SORT_KEYS))
