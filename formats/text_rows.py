"""Rows of a `.txt`: one prompt a line."""

from __future__ import annotations

import re
from collections.abc import Iterator
from io import BufferedReader
from pathlib import Path

from goldleaf.core.errors import UsageError
from goldleaf.core.json_depth import loads
from goldleaf.formats.column_names import meanings
from goldleaf.formats.jsonl_rows import MAX_LINE, Recoded, first_line, known_as_utf8, opened
from goldleaf.formats.row_location import BadLine, FileRow

_HEADER = 10_000
"""Bytes of a first line that are looked at for names of columns."""
_NAMES = re.compile(r"[A-Za-z0-9_.-]{0,40}|\w{0,4}")
"""A column's name: one word, or up to four characters of Chinese."""


def rows(path: Path, encoding: str = "utf-8") -> Iterator[FileRow | BadLine]:
    """Yield `{"prompt": line}` for every line that is not blank, without white space around it.

    Args:
        path: the file.
        encoding: how it is written.

    Raises:
        UsageError: its first line is a JSON object, or names columns between tabs: Excel saves
            tables as "Unicode text" in a `.txt`.
        GoldleafError: it is missing or may not be read.
    """
    with opened(path) as raw:
        utf8 = known_as_utf8(encoding)
        file = raw if utf8 else BufferedReader(Recoded(raw, encoding), 2**16)
        number, offset, line = first_line(file.readline)
        if line.startswith(b"{") and _is_json(line):
            fix = "name it .jsonl, so that its rows are read as objects"
            raise UsageError("This text file holds JSON lines.", where=str(path), fix=fix)
        if is_header(line):
            fix = "name it .tsv, so that its columns are read"
            raise UsageError("This text file holds a table.", where=str(path), fix=fix)
        while line:
            number += 1
            place = offset if utf8 else None
            length = len(line)
            if length > MAX_LINE and not line.endswith(b"\n"):
                while more := file.readline(MAX_LINE):
                    length += len(more)
                    if more.endswith(b"\n"):
                        break
                yield BadLine(number, place, "too_long", f"a line of {length} bytes")
            elif not line.isspace():
                yield _row(line, number, place)
            offset += length
            line = file.readline(MAX_LINE + 1)


def is_header(line: bytes) -> bool:
    r"""Return whether a line in UTF-8 has names of columns between tabs, two of them known.

    A name has no space and no punctuation but `_`, `-` and `.`.

    >>> is_header(b"instruction\tinput\toutput\n"), is_header(b"Ask\tthe user for a name.\n")
    (True, False)
    """
    cells = line[:_HEADER].decode("utf-8", "replace").strip().split("\t")
    if not all(_NAMES.fullmatch(cell) for cell in cells):
        return False
    return sum(bool(meanings(cell)) for cell in cells) > 1


def _row(line: bytes, number: int, offset: int | None) -> FileRow | BadLine:
    try:
        return FileRow(number, offset, {"prompt": line.decode().strip()})
    except UnicodeDecodeError:
        return BadLine(number, offset, "bad_unicode", "bytes of another encoding; see --encoding")


def _is_json(line: bytes) -> bool:
    try:
        return isinstance(loads(line), dict)
    except ValueError:
        return False
