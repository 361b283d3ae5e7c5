"""JSON Lines and JSON lists, gzipped or not, within bounds that keep a hostile file harmless."""

from __future__ import annotations

import codecs
import gzip
import zlib
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import replace
from io import BufferedReader, BytesIO, RawIOBase
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, cast

from goldleaf.core.errors import BadRow
from goldleaf.core.files import file_error
from goldleaf.core.json_values import object_or_none
from goldleaf.formats import json_documents
from goldleaf.formats.format import Row
from goldleaf.formats.row_location import BadLine, FileRow
from goldleaf.formats.strict_json import as_dumped, with_care
from goldleaf.formats.table_dialect import SAMPLE
from goldleaf.formats.table_dialect import encoding_of as seen_encoding

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

MAX_LINE = 32 * 2**20
"""Longest line, in bytes."""
MAX_RATIO = 100
"""How many times its size a gzip may unfold to, once past `FREE`."""
FREE = 8 * 2**20
MAX_TOTAL = 64 * 2**30
"""Most bytes that a gzip may unfold to."""

UTF16 = (b"\xff\xfe", b"\xfe\xff")
_BOM = b"\xef\xbb\xbf"


def rows(path: Path, encoding: str = "utf-8") -> Iterator[FileRow | BadLine]:
    """Yield every row of a JSON file; what cannot be read is reported in its place.

    Where reading stops before the end, the last `BadLine` has a reason of
    `goldleaf.core.input_results.UNREAD`. Blank lines are skipped, and counted.

    Args:
        path: JSON Lines or JSON, gzipped where its name ends so.
        encoding: how it is written; places in bytes are reported of UTF-8 alone.

    Raises:
        GoldleafError: the file is missing or may not be read.
    """
    if known_as_utf8(encoding):
        yield from _packed_or_not(path, lambda file: file)
        return
    for row in _packed_or_not(path, lambda file: BufferedReader(Recoded(file, encoding), 2**16)):
        yield replace(row, offset=None)


def known_as_utf8(encoding: str) -> bool:
    """Return whether a name of an encoding means UTF-8, with or without a byte order mark."""
    return encoding.lower().replace("_", "-").removesuffix("-sig") in ("utf-8", "utf8")


def encoding_of(path: Path) -> str:
    """Return the encoding of a JSON file, from its first `SAMPLE` bytes (unpacked).

    "utf-8" unless it looks like UTF-16 or UTF-32, or most of its lines that are not ASCII are not
    UTF-8: one line of another encoding does not count.

    Raises:
        GoldleafError: it is missing or may not be read.
    """
    with opened(path) as raw:
        packed = path.name.lower().endswith(".gz")
        sample = BufferedReader(Unpacked(raw)).read(SAMPLE) if packed else raw.read(SAMPLE)
    found = seen_encoding(sample)
    if sample[:2] in UTF16 or found.startswith(("utf-16", "utf-32")):
        return found
    strange = [line for line in sample.split(b"\n") if not line.isascii()]
    good = sum(_is_utf8(line) for line in strange)
    return found if 2 * good < len(strange) else "utf-8"


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode()
    except UnicodeDecodeError:
        return False
    return True


class Recoded(RawIOBase):
    """A file of another encoding as UTF-8; a byte that is none of it stays, and spoils its line."""

    def __init__(self, file: BinaryIO | BufferedReader, encoding: str) -> None:
        self._file = file
        wide = encoding.lower().startswith(("utf-16", "utf-32"))
        errors = "replace" if wide else "surrogateescape"
        self._decoder = codecs.getincrementaldecoder(encoding)(errors)
        self._ready, self._ended = b"", False

    def readable(self) -> bool:
        """Return true."""
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        """Read some bytes; 0 at the end."""
        place = memoryview(buffer).cast("B")
        while not self._ready and not self._ended:
            part = self._file.read(2**16)
            self._ended = not part
            text = self._decoder.decode(part, self._ended)
            self._ready = text.encode("utf-8", "surrogateescape")
        part, self._ready = self._ready[: len(place)], self._ready[len(place) :]
        place[: len(part)] = part
        return len(part)


def _packed_or_not(
    path: Path, recoded: Callable[[BinaryIO | BufferedReader], BinaryIO | BufferedReader]
) -> Iterator[FileRow | BadLine]:
    with opened(path) as raw:
        if not path.name.lower().endswith(".gz"):
            yield from _rows(recoded(raw))
            return
        unpacked = Unpacked(raw)
        last: FileRow | BadLine | None = None
        for row in _rows(recoded(BufferedReader(unpacked, 2**16))):
            if last is not None:
                yield last
            last = row
        if unpacked.problem is None:
            yield from () if last is None else (last,)
            return
        number = 1
        if last is not None:
            torn = isinstance(last, BadLine) and (last.reason in (json_documents.BROKEN, CUT_OFF))
            number = last.line + (not torn)
            yield from () if torn else (last,)  # it is torn where the gzip is: one place, once
        yield BadLine(number, unpacked.total, unpacked.problem.reason, unpacked.problem.detail)


def _rows(file: BinaryIO | BufferedReader) -> Iterator[FileRow | BadLine]:
    blank, offset, start = first_line(file.readline)
    if start[:2] in UTF16:
        yield BadLine(1, 0, "encoding", "this is UTF-16; convert the file to UTF-8")
        return
    read: Callable[[int], bytes] = file.readline
    if json_documents.is_list(start):
        yield from json_documents.rows(json_documents.pieces(file.read, start), offset)
        return
    if json_documents.may_be_spread(start):
        begun = _Begun(start, file)
        if begun.is_spread():
            yield from begun.rows(offset)
            return
        start, read = begun.line(MAX_LINE + 1), begun.line
    yield from lines(start, read, number=blank, offset=offset)


def first_line(read: Callable[[int], bytes]) -> tuple[int, int, bytes]:
    """Return (blank lines, bytes before it, first line) of a file; the bytes count a mark too.

    Args:
        read: returns the next line, or its first bytes, up to the length given; b"" at the end.
    """
    line = read(MAX_LINE + 1)
    number, offset = 0, len(_BOM) if line.startswith(_BOM) else 0
    line = line[offset:]
    while line.isspace():
        number, offset = number + 1, offset + len(line)
        line = read(MAX_LINE + 1)
    return number, offset, line


@contextmanager
def opened(path: Path) -> Generator[BinaryIO]:
    """Open a file to be read.

    Raises:
        GoldleafError: it is missing or may not be read.
    """
    try:
        with open(path, "rb") as file:
            yield file
    except OSError as error:
        raise file_error(error, path) from error


class Unpacked(RawIOBase):
    """A gzip as bytes, up to the place where it breaks or unfolds beyond measure.

    `problem` says why it ends there, None at its true end; `total` counts bytes.
    """

    def __init__(self, packed: BinaryIO) -> None:
        self._packed = packed
        self._file = gzip.GzipFile(fileobj=packed)
        self.total = 0
        self.problem: BadRow | None = None

    def readable(self) -> bool:
        """Return true."""
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        """Read some bytes; 0 at the end, or where there is a problem."""
        if self.problem is None:
            place = memoryview(buffer).cast("B")
            try:
                part = self._file.read1(len(place))
            except (gzip.BadGzipFile, EOFError, zlib.error) as error:
                self.problem = BadRow("gzip", f"{error}{_UNKNOWN}")
                return 0
            self.total += len(part)
            self.problem = self._beyond()
            if self.problem is None:
                place[: len(part)] = part
                return len(part)
        return 0

    def _beyond(self) -> BadRow | None:
        if self.total > MAX_TOTAL:
            return BadRow("archive_limits", f"unfolds to over {MAX_TOTAL} bytes{_UNKNOWN}")
        if self.total > FREE and self.total > MAX_RATIO * self._packed.tell():
            return BadRow("ratio", f"unfolds to over {MAX_RATIO} times its size{_UNKNOWN}")
        return None


_UNKNOWN = "; how many rows follow is unknown"


def lines(
    start: bytes,
    read: Callable[[int], bytes],
    *,
    number: int = 0,
    offset: int = 0,
    end: float = float("inf"),
) -> Iterator[FileRow | BadLine]:
    """Yield the rows of JSON Lines; blank lines are skipped, and counted.

    Args:
        start: the first line, or its first `MAX_LINE + 1` bytes.
        read: returns the next line, or its first bytes, up to the length given; b"" at the end.
        number: lines before the first one.
        offset: where it begins, in bytes.
        end: where to stop, in bytes; a line ends there.
    """
    raw = start
    while raw and offset < end:
        number += 1
        length = len(raw)
        if length > MAX_LINE and not raw.endswith(b"\n"):
            while more := read(MAX_LINE):
                length += len(more)
                if more.endswith(b"\n"):
                    break
            yield BadLine(number, offset, "too_long", f"a line of {length} bytes")
        else:
            text = raw.removeprefix(_BOM) if number == 1 else raw
            if not text.isspace():
                yield _row(text, number, offset, whole=raw.endswith(b"\n"))
        offset += length
        raw = read(MAX_LINE + 1)


CUT_OFF = "cut_off"
"""The reason of a last line that breaks off: whether more followed it is unknown."""


def _row(raw: bytes, line: int, offset: int, *, whole: bool) -> FileRow | BadLine:
    if isinstance(value := as_dumped(raw), dict):
        return FileRow(line, offset, cast("Row", value), raw.rstrip(b"\n"))
    try:
        value = object_or_none(with_care(raw))
        if value is None:
            raise BadRow("not_an_object", "a row must be an object with named columns")
        return FileRow(line, offset, value)
    except BadRow as error:
        if not whole and _is_cut(raw, error.reason):
            detail = f"{error.detail}; the file ends inside this row"
            return BadLine(line, offset, CUT_OFF, f"{detail}, and how many follow is unknown")
        return BadLine(line, offset, error.reason, error.detail)


def _is_cut(raw: bytes, reason: str) -> bool:
    """Return whether a bad row at the end of a file is the beginning of one."""
    line = raw.strip()
    return line[:1] == b"{" and (reason == "json" or (reason == "utf8" and line[-1:] != b"}"))


class _Begun:
    """A file that may begin with an object over several lines: read whole, within a cap.

    Beyond the cap its lines are rows.
    """

    def __init__(self, start: bytes, file: BinaryIO | BufferedReader) -> None:
        self._cap = 8 * MAX_LINE
        self._file = file
        self._raw = start + file.read(max(self._cap + 1 - len(start), 0))
        self._too_long = len(self._raw) > self._cap
        self._buffer = BytesIO(self._raw)

    def is_spread(self) -> bool:
        """Return whether it begins with an object that goes on over several lines."""
        return not self._too_long and json_documents.is_spread(self._text())

    def _text(self) -> str:
        return self._raw.decode("utf-8", "surrogateescape")

    def rows(self, offset: int) -> Iterator[FileRow | BadLine]:
        """Yield its rows as `json_documents` does; `offset` is where it begins, in bytes."""
        yield from json_documents.rows([self._text()], offset)

    def line(self, size: int, /) -> bytes:
        """Return the next line, or its first `size` bytes, from the first line on."""
        line = self._buffer.readline(size)
        if line.endswith(b"\n") or len(line) == size or not self._too_long:
            return line
        return line + self._file.readline(size - len(line))
