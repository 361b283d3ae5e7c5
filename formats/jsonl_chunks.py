"""JSON Lines cut at line ends, so that several processes can read one file at once.

Every row comes with the line number that it has in the whole file, and with the same bad ones.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from goldleaf.formats import jsonl_rows
from goldleaf.formats.json_documents import is_list, may_be_spread
from goldleaf.formats.row_location import BadLine, FileRow

_BLOCK = 2**20


@dataclass(frozen=True, slots=True)
class FilePart:
    """Some lines of a file: from the byte `offset` up to `end`, with `line` lines before them.

    `end` is the first byte after the part.
    """

    path: Path
    offset: int
    end: int
    line: int


def cut(path: Path, size: int) -> list[FilePart]:
    """Return the parts of a file, each `size` bytes and then on to the end of its line.

    [] where it is not plain JSON Lines: gzipped, a list, an object over several lines, UTF-16, or
    without the ending `.jsonl`, `.ndjson` or `.json` (then even for a missing file); also for an
    empty one.

    Raises:
        GoldleafError: the file is missing or may not be read.
    """
    if not path.name.lower().endswith((".jsonl", ".ndjson", ".json")):
        return []
    parts: list[FilePart] = []
    with jsonl_rows.opened(path) as file:
        _, _, start = jsonl_rows.first_line(file.readline)
        if start[:2] in jsonl_rows.UTF16 or is_list(start) or may_be_spread(start):
            return []
        file.seek(0)
        offset = line = 0
        while length := _part(file, size):
            taken, lines = length
            parts.append(FilePart(path, offset, offset + taken, line))
            offset, line = offset + taken, line + lines
    return parts


def _part(file: BinaryIO, size: int) -> tuple[int, int] | None:
    """Read on to a line end, at least `size` bytes; return bytes and line feeds, None at the end.

    What is read is not kept: a line may be longer than memory.
    """
    taken = lines = 0
    block = b""
    while taken < size and (block := file.read(min(_BLOCK, size - taken))):
        taken += len(block)
        lines += block.count(b"\n")
    while not block.endswith(b"\n") and (block := file.readline(_BLOCK)):
        taken += len(block)
        lines += block.endswith(b"\n")
    return (taken, lines) if taken else None


def rows(part: FilePart) -> Iterator[FileRow | BadLine]:
    """Yield every row of a part of a JSON Lines file, as `jsonl_rows.rows` does for the whole.

    Places (line, offset) are those in the whole file.

    Raises:
        GoldleafError: the file is missing or may not be read.
    """
    with jsonl_rows.opened(part.path) as file:
        file.seek(part.offset)
        start = file.readline(jsonl_rows.MAX_LINE + 1)
        yield from jsonl_rows.lines(
            start, file.readline, number=part.line, offset=part.offset, end=part.end
        )
