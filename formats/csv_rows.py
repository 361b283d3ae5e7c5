"""Rows of `.csv` and `.tsv`: a bad one costs itself alone."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

from goldleaf.core.errors import UsageError
from goldleaf.core.files import file_error
from goldleaf.formats.row_location import BadLine, FileRow
from goldleaf.formats.table_dialect import Dialect

MAX_FIELD = 32 * 2**20
"""Longest cell, in characters."""


def rows(path: Path, dialect: Dialect) -> Iterator[FileRow | BadLine]:
    """Yield every row; a cell is a text, an absent one the empty text.

    The first line that is not empty has the columns' names (after Excel's `sep=;`); one that is
    empty is called `column_3` by its place. `line` is the line that a row begins in: a cell may
    hold line feeds. A row with more cells than columns is a `BadLine`. Where the rest cannot be
    read the last `BadLine` is `broken_table`.

    Raises:
        UsageError: the file is missing, or two of its columns have one name.
        GoldleafError: it may not be read.
    """
    csv.field_size_limit(MAX_FIELD)
    wide = dialect.encoding.startswith(("utf-16", "utf-32"))
    errors = "strict" if wide else "surrogateescape"
    try:
        with open(path, encoding=dialect.encoding, errors=errors, newline="") as file:
            yield from _rows(csv.reader(file, delimiter=dialect.separator, strict=True), path)
    except OSError as error:
        raise file_error(error, path) from error


class _Reader(Protocol):
    """What `csv.reader` returns."""

    @property
    def line_num(self) -> int: ...

    def __next__(self) -> list[str]: ...


def _rows(reader: _Reader, path: Path) -> Iterator[FileRow | BadLine]:
    columns: list[str] = []
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except UnicodeDecodeError as error:
            found = error.object[error.start : error.start + 1].hex()
            detail = f"byte 0x{found} is not valid {error.encoding}"
            yield BadLine(line, None, "broken_table", f"{detail}; {_REST}")
            return
        except csv.Error as error:
            if "unexpected end" in str(error):
                detail = f"a quote that is opened here is never closed, and {_REST}"
                yield BadLine(line, None, "broken_table", detail)
                return
            yield BadLine(line, None, "bad_csv", str(error))
            continue
        if not cells or (not columns and line == 1 and _is_excels(cells)):
            continue
        if not columns:
            columns = _columns(cells, path)
            continue
        yield _row(cells, columns, line)


_REST = "the rest was not read: how many rows it holds is unknown"


def _is_excels(cells: list[str]) -> bool:
    return cells[0].lower().startswith("sep=") and len("".join(cells)) <= 5


def _columns(cells: list[str], path: Path) -> list[str]:
    names = [cell.strip() or f"column_{place}" for place, cell in enumerate(cells, 1)]
    if twice := [name for name, count in Counter(names).items() if count > 1]:
        fix = "give each column a name of its own in the first line"
        raise UsageError(f"Several columns are called {twice[0]!r}.", where=str(path), fix=fix)
    return names


def _row(cells: list[str], columns: list[str], line: int) -> FileRow | BadLine:
    if len(cells) > len(columns):
        detail = f"{len(cells)} cells where the first line names {len(columns)} columns"
        return BadLine(line, None, "ragged_row", detail)
    cells += [""] * (len(columns) - len(cells))
    try:
        "".join(cells).encode()
    except UnicodeEncodeError:
        return BadLine(line, None, "bad_unicode", "bytes of another encoding; see --encoding")
    return FileRow(line, None, dict(zip(columns, cells, strict=True)))
