"""`records.jsonl`, the canonical line form: lossless, and the same bytes for the same record.

One line: `{"record": "comparison", "candidates": [...], "context": [...], ...}` with sorted keys;
a field that has its default value is left out.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import orjson

from goldleaf.core.errors import BadRow
from goldleaf.core.json_values import object_or_empty
from goldleaf.core.records import Comparison, Demonstration, Judgement, Record

if TYPE_CHECKING:
    from pydantic import TypeAdapter

_TYPES: dict[str, type[Record]] = {
    "comparison": Comparison,
    "demonstration": Demonstration,
    "judgement": Judgement,
}
_NAMES = {record_type: name for name, record_type in _TYPES.items()}
_FIELDS = {name: frozenset(given.__dataclass_fields__) for name, given in _TYPES.items()}


@cache
def _adapter(name: str) -> TypeAdapter[Any]:
    from pydantic import TypeAdapter

    return TypeAdapter(_TYPES[name])


def to_plain(record: Record) -> dict[str, Any]:
    """Return the record as plain JSON values, for where it must travel inside another object.

    The dict has the key `record` (the type's name); fields with their default value are left out.
    `from_plain` reads it back.
    """
    name = _NAMES[type(record)]
    return {
        "record": name,
        **_adapter(name).dump_python(record, mode="json", exclude_defaults=True),
    }


def to_line(record: Record) -> bytes:
    """Return the record as one line of JSON, without the line feed.

    Raises:
        BadRow: `bad_unicode` (a text holds what UTF-8 cannot) or `unwritable` (a value that is not
            JSON).
    """
    try:
        return orjson.dumps(to_plain(record), option=orjson.OPT_SORT_KEYS)
    except (TypeError, ValueError) as error:
        raise BadRow(
            "bad_unicode" if "surrogate" in str(error) else "unwritable", str(error)
        ) from None


def from_line(line: bytes | str) -> Record:
    """Read one line back.

    Raises:
        BadRow: `json` (no JSON), `not_a_record` (no known record), `unknown_field`, or `bad_field`:
            a field is wrong; the detail has its path.
    """
    try:
        plain = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        raise BadRow("json", str(error)) from None
    return from_plain(plain)


def from_plain(plain: Any) -> Record:
    """Return the record of a line of `records.jsonl` that is already parsed: JSON values as plain.

    Raises:
        BadRow: `not_a_record` (also for anything but an object), `unknown_field` or `bad_field`.
    """
    from pydantic import ValidationError

    fields = dict(object_or_empty(plain))
    name = str(fields.pop("record", None))
    if name not in _TYPES:
        raise BadRow("not_a_record", f'"record" must be one of {", ".join(_TYPES)}')
    if not fields.keys() <= _FIELDS[name]:
        raise BadRow("unknown_field", ", ".join(sorted(fields.keys() - _FIELDS[name])))
    fields.setdefault("tags", {})  # pydantic would copy the default, turn by turn
    try:
        return _adapter(name).validator.validate_python(fields)
    except ValidationError as error:
        first = error.errors()[0]
        path = ".".join(str(part) for part in first["loc"])
        raise BadRow("bad_field", f"{path}: {first['msg']}") from None
