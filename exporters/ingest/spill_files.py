"""Spill files: lines kept on disk until all input is read. Every process writes its own files."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import BinaryIO

from goldleaf.core.file_lock import BINARY
from goldleaf.core.files import file_error

# One number addresses all files of a name: the upper 24 bits of an offset are the number of the
# file (the process that wrote it), the lower 40 the position in it, so a file may hold a terabyte.
_SHIFT = 40
_WITHIN = (1 << _SHIFT) - 1

_BUFFER = 2**20
"""Bytes buffered before they are written."""

LINES = "lines of records"
"""The name of the spill files of the records' own lines; no format has such a name."""


@contextmanager
def temporary_folder(prefix: str) -> Generator[Path]:
    """Yield a new folder for spill files that is deleted afterwards.

    Raises:
        GoldleafError: an OSError of the block, such as a full disk, told of that folder.
    """
    folder = Path(tempfile.gettempdir())
    try:
        with tempfile.TemporaryDirectory(prefix=prefix) as name:
            folder = Path(name)
            yield folder
    except OSError as error:
        raise file_error(error, folder) from error


def open_spill_file(folder: Path, name: str, number: int) -> BinaryIO:
    """Open the spill file of that name and number for writing."""
    return open(_path(folder, name, number), "wb", _BUFFER)


def first_offset(number: int) -> int:
    """Return the offset of the first byte of the spill file with that number."""
    return number << _SHIFT


def table_file(folder: Path, name: str, number: int) -> Path:
    """Return the file of a table on disk (`spilled_table`) of the pass with that number."""
    return folder / f"{name}.{number}.table"


def _path(folder: Path, name: str, number: int) -> Path:
    return folder / f"{name}.{number}.spill"


class SpillReader:
    """Reads the spill files of one name: the rows of a format, or the lines of the records.

    The files are read and not mapped: mapped pages would count as memory of this process.
    """

    def __init__(self, folder: Path, name: str) -> None:
        self._folder, self._name = folder, name
        self._files: dict[int, int] = {}

    def __enter__(self) -> SpillReader:
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
        """Return `length` bytes at `offset`, which also holds the file's number (see `_SHIFT`)."""
        number = offset >> _SHIFT
        file = self._files.get(number)
        if file is None:
            file = os.open(_path(self._folder, self._name, number), os.O_RDONLY | BINARY)
            self._files[number] = file
        if hasattr(os, "pread"):
            return os.pread(file, length, offset & _WITHIN)
        os.lseek(file, offset & _WITHIN, os.SEEK_SET)
        return os.read(file, length)
