"""Check that a task shows what its record exports: a hash over both, compared on reading.

Task data is editable by everyone who may edit a project. The record in it is what an export
teaches, the fields beside it are what the annotator saw.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from html import unescape
from typing import Any

import orjson
import xxhash

from goldleaf.core.errors import BadRow
from goldleaf.core.json_values import object_or_empty
from goldleaf.core.record_hash import record_id
from goldleaf.core.records import Record
from goldleaf.core.records_jsonl import from_plain
from goldleaf.label_configs.safe_html import without_tags
from goldleaf.label_configs.shown_provenance import without_provenance
from goldleaf.label_configs.table_columns import TABLE_FIELDS

_HASH = "shown"
_NOT_SHOWN = {"goldleaf", *TABLE_FIELDS}
"""Fields that no screen shows."""
_TAG = re.compile(r'<details class="gl-raw">.*?</details>|<[^>]*>', re.S)
"""Tags, and what screens of later releases show beside a text: its raw form."""
_CONSUMED = re.compile(
    r"^[ \t]*(?:[-+*]|[0-9]+[.)])[ \t]|^[ \t]*(?:-{3,}|={3,})|[\\*_~`$#|\s]", re.M
)
"""List markers, rules, and the signs of emphasis, code, maths and tables."""


def with_shown_hash(data: dict[str, Any], record: Record) -> dict[str, Any]:
    """Return task data with a hash of the shown fields and the record, for a fast check on reading.

    A copy of `data` with `data["goldleaf"]["shown"]` set, which must be there as an object.

    Raises:
        BadRow: `bad_unicode`, a text holds what UTF-8 cannot.
    """
    try:
        return {**data, "goldleaf": {**data["goldleaf"], _HASH: _hash(data, record)}}
    except TypeError as error:
        raise BadRow("bad_unicode", str(error)) from None


def imported_record(task: Mapping[str, Any]) -> Record:
    """Return the record in a task's data; whether the task shows it is not checked.

    Raises:
        BadRow: `bad_task` where there is none, or what `goldleaf.core.records_jsonl.from_plain`
            raises.
    """
    ours = object_or_empty(task.get("goldleaf"))
    if not ours:
        raise BadRow("bad_task", "this task was not imported by goldleaf")
    return from_plain(ours.get("record"))


def check_shown(
    task: Mapping[str, Any], record: Record, kind: str, render: Callable[[], Mapping[str, Any]]
) -> None:
    """Raise BadRow if a task does not show what its record holds.

    Where the hash of `with_shown_hash` fits, nothing else is compared; else each field of
    `render()` is, without the lines of its origin and its imported tags: an earlier release may
    have shown others. Further fields of the task are ignored.

    Args:
        task: the task's data.
        record: the record in it.
        kind: name and version of the kind that reads it, such as `preference/1`.
        render: returns the task data that the record gives now.

    Raises:
        BadRow: `unknown_version`, the task was made for another screen; `bad_task`, it shows
            something else, or the record has no prompt.
    """
    ours = object_or_empty(task.get("goldleaf"))
    if ours.get("kind") != kind:
        detail = f"the task was made for {str(ours.get('kind'))[:40]!r}, this screen is {kind}"
        raise BadRow("unknown_version", detail)
    if not record.context:
        raise BadRow("bad_task", "the task data holds no prompt")
    seal = ours.get(_HASH)
    try:
        if seal is not None and seal == _hash(task, record):
            return
    except (TypeError, ValueError):  # what no JSON holds was put into it
        raise BadRow("bad_task", "the task data cannot be read") from None
    expected = render()
    for field, value in expected.items():
        shown = task.get(field)
        if field in _NOT_SHOWN or shown == value:
            continue
        if isinstance(shown, str) and isinstance(value, str):
            shown, value = _texts_alone(shown), _texts_alone(value)
            if shown == value:
                continue
        # Before tasks carried a hash, their texts may have been rendered by an older version.
        older = seal is None and field.startswith("shown_")
        if not older or _letters(shown) != _letters(value):
            raise BadRow("bad_task", f"what was shown as {field} is not what the record says")


def _hash(task: Mapping[str, Any], record: Record) -> str:
    shown = {field: value for field, value in task.items() if field not in _NOT_SHOWN}
    content = [record_id(record), object_or_empty(task.get("goldleaf")).get("order"), shown]
    return xxhash.xxh3_128_hexdigest(orjson.dumps(content, option=orjson.OPT_SORT_KEYS))


def _texts_alone(html: str) -> str:
    return without_tags(without_provenance(html))


def _letters(html: object) -> str:
    """Return a rendered text without white space and what one renderer or another consumes."""
    text = unescape(_TAG.sub("", html)) if isinstance(html, str) else ""
    return _CONSUMED.sub("", text)
