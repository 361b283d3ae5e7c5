"""A row with its place in a file, or a place that holds none."""

from __future__ import annotations

from dataclasses import dataclass

from goldleaf.formats.format import Row


@dataclass(frozen=True, slots=True)
class FileRow:
    """One good row: `line` counts from 1 (in a list: the element), `offset` is in bytes."""

    line: int
    offset: int | None
    value: Row


@dataclass(frozen=True, slots=True)
class BadLine:
    """One place of a file that cannot be read; `reason` is a stable code."""

    line: int
    offset: int | None
    reason: str
    detail: str
