"""What a file shape offers: recognise a row, read it, and perhaps write it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol, TypeAlias, runtime_checkable

from goldleaf.core.records import Record

Row: TypeAlias = Mapping[str, Any]
"""One row of a file as parsed: column -> JSON value."""


class Format(Protocol):
    """A module of this room, or one that another package offers under `goldleaf.formats`.

    Law for formats that write: `read(write(record)) == record`, but for what `LOSES` names.
    """

    NAME: str
    """What `--format` calls it."""

    TITLE: str
    """What it is, in a few words."""

    LOSES: tuple[tuple[str, str], ...]
    """(field, why) of everything a record has and a written row has not."""

    def recognises(self, row: Row) -> bool:
        """Tell by its columns whether a row has this shape; formats do not overlap."""
        ...

    def read(self, row: Row) -> Record:
        """Return the record a row says; BadRow with a stable reason when it says none."""
        ...


@runtime_checkable
class Writer(Format, Protocol):
    """A format that an export can be written in."""

    def table(self, record: Record) -> str:
        """Return the table a record belongs to: rows of one table share their keys and types."""
        ...

    def write(self, record: Record) -> dict[str, Any]:
        """Return the row for a record; BadRow where the trainer would lose or spoil it."""
        ...
