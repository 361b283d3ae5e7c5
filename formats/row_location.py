"""A row with its place in a file, or a place that holds none."""

from __future__ import annotations

from dataclasses import dataclass

from goldleaf.formats.format import Row


@dataclass(frozen=True, slots=True)
class FileRow:
    """One good row: `line` counts from 1 (in a list: the element), `offset` is in bytes.

    `offset` is None where it is not known: in tables and other encodings than UTF-8. `raw` is the
    line itself, without its line feed, where a fast parser reads `value` from it and writes it back
    byte for byte; else empty.
    """

    line: int
    offset: int | None
    value: Row
    raw: bytes = b""


@dataclass(frozen=True, slots=True)
class BadLine:
    """One place of a file that cannot be read; `reason` is a stable code, `detail` for people.

    `line` and `offset` as in `FileRow`.
    """

    line: int
    offset: int | None
    reason: str
    detail: str
