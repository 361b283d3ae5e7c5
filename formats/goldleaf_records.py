"""`records.jsonl`, our own lines: whatever a record holds, nothing lost."""

from __future__ import annotations

from typing import Any

from goldleaf.core.records import Record
from goldleaf.core.records_jsonl import from_plain, to_plain
from goldleaf.formats.format import Row

NAME = "records"
TITLE = "records.jsonl, the canonical lines"


def recognises(row: Row) -> bool:
    """Return whether a row is a line of `records.jsonl`: its `record` names a record type."""
    return row.get("record") in ("comparison", "demonstration", "judgement")


def read(row: Row) -> Record:
    """Return the record of a row of goldleaf's `records.jsonl`, nothing lost.

    Raises:
        BadRow: `not_a_record`, `unknown_field` or `bad_field`.
    """
    return from_plain(row)


def write(record: Record) -> dict[str, Any]:
    """Return the record as a row of goldleaf's `records.jsonl`: plain JSON values, nothing lost."""
    return to_plain(record)
