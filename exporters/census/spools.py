"""Spools: what waits on disk until all is read. Every process fills files of its own.

So an offset says both which file and where in it: the number of the file stands above `_WITHIN`.
"""

from __future__ import annotations

import os
from pathlib import Path
from types import TracebackType
from typing import BinaryIO

from goldleaf.core.file_lock import BINARY

_SHIFT = 40
_WITHIN = (1 << _SHIFT) - 1
"""A file of a spool may hold a terabyte."""

_GATHERED = 2**20
"""Bytes that are gathered before they are written."""

LINES = "lines of records"
"""The spool of the records' own lines; no format has such a name."""


def spool_file(folder: Path, name: str, number: int) -> BinaryIO:
    """Open a file of a spool to be written."""
    return open(_path(folder, name, number), "wb", _GATHERED)


def first_offset(number: int) -> int:
    """Return the offset at which the file of that number begins."""
    return number << _SHIFT


def _path(folder: Path, name: str, number: int) -> Path:
    return folder / f"{name}.{number}.spool"


class Spool:
    """A spool to be read: the rows of a format, or the lines of the records.

    The files are read and not mapped: mapped pages would count as memory of this process.
    """

    def __init__(self, folder: Path, name: str) -> None:
        self._folder, self._name = folder, name
        self._files: dict[int, int] = {}

    def __enter__(self) -> Spool:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        while self._files:
            os.close(self._files.popitem()[1])

    def read(self, offset: int, length: int) -> bytes:
        """Return some bytes; the offset is the one at which they were written."""
        number = offset >> _SHIFT
        file = self._files.get(number)
        if file is None:
            file = os.open(_path(self._folder, self._name, number), os.O_RDONLY | BINARY)
            self._files[number] = file
        if hasattr(os, "pread"):
            return os.pread(file, length, offset & _WITHIN)
        os.lseek(file, offset & _WITHIN, os.SEEK_SET)
        return os.read(file, length)
