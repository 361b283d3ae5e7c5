"""Putting a source, a licence and a consent into the provenance of a record."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from goldleaf.core import records
from goldleaf.core.records import Record
from goldleaf.formats.format import Row


def stamped(record: Record, source: records.Source, *, licence: str, consent: str) -> Record:
    """Return the record with every parent saying where it is from; what a parent says stays."""
    parents = tuple(
        replace(
            parent,
            source=parent.source or source,
            licence=parent.licence or licence,
            consent=parent.consent or consent,
        )
        for parent in record.parents
    )
    return replace(record, parents=parents)


def row_licence(row: Row, said: Mapping[str, str]) -> str:
    """Return the licence of a row: its own, else the one said of the whole file."""
    for key in ("licence", "license"):
        if isinstance(row.get(key), str) and row[key].strip():
            return row[key].strip()
    return said["licence"]


def refused(row: Row, keys: Iterable[str]) -> bool:
    """Tell whether a row says no to one of these keys, in whatever way files say it."""
    return any(key in row and _no(row[key]) for key in keys)


def agreed(row: Row, keys: Iterable[str]) -> bool:
    """Tell whether a row says yes to one of these keys."""
    return any(key in row and _yes(row[key]) for key in keys)


def _no(value: object) -> bool:
    return value is False or value == 0 or _word(value) in ("no", "false", "denied", "0", "否")


def _yes(value: object) -> bool:
    return value is True or value == 1 or _word(value) in ("yes", "true", "given", "1", "是")


def _word(value: object) -> str:
    return value.strip().lower() if isinstance(value, str) else ""
