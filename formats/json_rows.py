"""JSON Lines and JSON lists, gzipped or not, within bounds that keep a hostile file harmless."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

from goldleaf.core.errors import BadRow
from goldleaf.core.files import explained
from goldleaf.formats.file_row import BadLine, FileRow
from goldleaf.formats.format import Row
from goldleaf.formats.json_values import as_object
from goldleaf.formats.strict_json import as_dumped, parse_text, with_care

MAX_LINE = 32 * 2**20
"""Longest line, in bytes; a JSON list may be eight times as long."""
MAX_RATIO = 100
"""How many times its size a gzip may unfold to, once past `FREE`."""
FREE = 8 * 2**20
MAX_TOTAL = 64 * 2**30
"""Most bytes that a gzip may unfold to."""

UTF16 = (b"\xff\xfe", b"\xfe\xff")
_BOM = b"\xef\xbb\xbf"


def rows(path: Path) -> Iterator[FileRow | BadLine]:
    """Yield every row of a JSON file; what a row cannot be read for is said in its place."""
    with opened(path) as raw:
        packed = path.name.lower().endswith(".gz")
        file = cast("BinaryIO", gzip.GzipFile(fileobj=raw)) if packed else raw
        bounded = _Bounded(file, raw if packed else None)
        line = 0
        try:
            start = bounded.line(MAX_LINE + 1)
            if start[:2] in UTF16:
                yield BadLine(1, 0, "encoding", "this is UTF-16; convert the file to UTF-8")
                return
            if is_list(start):
                yield from _list(start, bounded)
                return
            for row in lines(start, bounded.line):
                line = row.line
                yield row
        except BadRow as error:
            yield BadLine(line + 1, bounded.total, error.reason, error.detail)
        except (gzip.BadGzipFile, EOFError, zlib.error) as error:
            yield BadLine(line + 1, bounded.total, "gzip", str(error))


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
        raise explained(error, path) from error


def is_list(start: bytes) -> bool:
    """Tell by its first line whether a file holds a JSON list."""
    return start.removeprefix(_BOM).lstrip()[:1] == b"["


class _Bounded:
    """Reads bytes, and stops a gzip that unfolds beyond measure."""

    def __init__(self, file: BinaryIO, packed: BinaryIO | None) -> None:
        self.file = file
        self.packed = packed
        self.total = 0
        if packed is None:  # nothing is held back, and this is called for every line
            self.line = file.readline

    def line(self, size: int, /) -> bytes:
        """Return the next line, or its first `size` bytes; raises what `read` does."""
        return self._held(self.file.readline(size))

    def read(self, size: int) -> bytes:
        """Return at most `size` bytes; BadRow `ratio` or `archive_limits` beyond the bounds."""
        return self._held(self.file.read(size))

    def _held(self, chunk: bytes) -> bytes:
        self.total += len(chunk)
        if self.packed is not None and self.total > FREE:
            if self.total > MAX_TOTAL:
                raise BadRow("archive_limits", f"unfolds to more than {MAX_TOTAL} bytes")
            if self.total > MAX_RATIO * self.packed.tell():
                raise BadRow("ratio", f"unfolds to more than {MAX_RATIO} times its size")
        return chunk


def lines(
    start: bytes,
    read: Callable[[int], bytes],
    *,
    number: int = 0,
    offset: int = 0,
    end: float = float("inf"),
) -> Iterator[FileRow | BadLine]:
    """Yield the rows of JSON Lines.

    Args:
        start: the first line, or its first `MAX_LINE + 1` bytes.
        read: returns the next line, or its first bytes.
        number: lines before the first one.
        offset: where it begins, in bytes.
        end: where to stop; a line ends there.
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


def _row(raw: bytes, line: int, offset: int, *, whole: bool) -> FileRow | BadLine:
    if isinstance(value := as_dumped(raw), dict):
        return FileRow(line, offset, cast("Row", value), raw.rstrip(b"\n"))
    try:
        value = as_object(with_care(raw))
        if value is None:
            raise BadRow("not_an_object", "a row must be an object with named columns")
        return FileRow(line, offset, value)
    except BadRow as error:
        cut = "; the file ends here without a line feed: is it whole?"
        hint = cut if error.reason == "json" and not whole else ""
        return BadLine(line, offset, error.reason, error.detail + hint)


_LENIENT = json.JSONDecoder(parse_int=str)
"""Finds where an element ends, whatever is wrong inside it."""


def _list(start: bytes, file: _Bounded) -> Iterator[FileRow | BadLine]:
    """Yield the elements of a JSON list; a file of this kind is held in memory, within a cap."""
    cap = 8 * MAX_LINE
    raw = start + file.read(cap)
    if len(raw) > cap:
        yield BadLine(1, 0, "too_long", f"a list of over {cap} bytes; write it as .jsonl")
        return
    try:
        text = raw.removeprefix(_BOM).decode("utf-8")
    except UnicodeDecodeError as error:
        yield BadLine(1, error.start, "utf8", "this byte is no UTF-8")
        return
    at, counted = text.index("[") + 1, 0
    offset = len(raw) - len(raw.removeprefix(_BOM))
    number = 0
    while (at := _skip(text, at)) < len(text) and text[at] != "]":
        number += 1
        offset += len(text[counted:at].encode())
        counted = at
        try:
            _, end = _LENIENT.raw_decode(text, at)
        except (ValueError, RecursionError) as error:
            yield BadLine(number, offset, "json", f"{error}; the rest of the list was not read")
            return
        yield _element(text[at:end], number, offset)
        at = end
        at = _skip(text, at)
        if at >= len(text) or text[at] not in ",]":
            yield BadLine(number + 1, offset, "json", "the list does not end; is the file whole?")
            return
        if text[at] == ",":
            at += 1


def _element(text: str, number: int, offset: int) -> FileRow | BadLine:
    try:
        value = parse_text(text)
    except BadRow as error:
        return BadLine(number, offset, error.reason, error.detail)
    if (row := as_object(value)) is None:
        return BadLine(number, offset, "not_an_object", "a row must be an object")
    return FileRow(number, offset, row)


def _skip(text: str, at: int) -> int:
    while at < len(text) and text[at] in " \t\r\n":
        at += 1
    return at
