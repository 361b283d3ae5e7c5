"""Rows of a file, one at a time: a bad one comes as a `BadLine` with its place, never as a stop.

`.jsonl`, `.json` (a list), either gzipped, `.csv`, `.tsv`, `.txt` (a prompt a line) and `.parquet`.
No file of JSON is held in memory but one of objects over several lines; JSON Lines end at LF alone,
so U+2028 stays inside its text.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from goldleaf.core.errors import BadRow, UsageError
from goldleaf.core.files import check_readable
from goldleaf.core.nearest_name import nearest_or_all
from goldleaf.formats import csv_rows, jsonl_rows, parquet_rows, text_rows
from goldleaf.formats.format import Row
from goldleaf.formats.row_location import BadLine, FileRow
from goldleaf.formats.table_dialect import Dialect, dialect_of

_KNOWN = "name it .jsonl, .json, .jsonl.gz, .json.gz, .csv, .tsv, .txt or .parquet"
_SHEET = "save the sheet as .csv or .tsv, and name that file"
_FIXES = {
    ".gz": "unpack it first: only .jsonl.gz and .json.gz are read as they are",
    **dict.fromkeys((".xlsx", ".xls", ".ods"), _SHEET),
}
"""What to do about files that another name would not make readable, by their ending."""


def is_text_table(path: Path) -> bool:
    """Return by its file name whether a file is a text table (`.csv`, `.tsv`, not gzipped)."""
    return path.suffix.lower() in (".csv", ".tsv")


def is_json(path: Path) -> bool:
    """Return by its file name whether a file is JSON: `.jsonl`, `.ndjson` or `.json`, or `.gz`."""
    return path.name.lower().removesuffix(".gz").endswith((".jsonl", ".ndjson", ".json"))


def is_plain_text(path: Path) -> bool:
    """Return by its file name whether a file is plain text, one prompt a line: `.txt`."""
    return path.suffix.lower() == ".txt"


def rows(path: Path, dialect: Dialect | None = None) -> Iterator[FileRow | BadLine]:
    """Yield every row of a file, by its ending.

    Args:
        path: the file.
        dialect: how text is written; None detects it for `.csv` and `.tsv`, and means UTF-8 for
            JSON and plain text.

    Raises:
        UsageError: the file is missing, is a pipe or a device, may not be read, or has an ending
            we do not know.
    """
    check_readable(path)
    if is_json(path):
        yield from jsonl_rows.rows(path, dialect.encoding if dialect else "utf-8")
    elif is_text_table(path):
        yield from csv_rows.rows(path, dialect or dialect_of(path))
    elif is_plain_text(path):
        yield from text_rows.rows(path, dialect.encoding if dialect else "utf-8")
    elif path.suffix.lower() == ".parquet":
        yield from parquet_rows.rows(path)
    else:
        fix = _FIXES.get(path.suffix.lower(), _KNOWN)
        raise UsageError("This kind of file is not known.", where=str(path), fix=fix)


def mapped(row: Row, mapping: Mapping[str, str]) -> dict[str, Any]:
    """Return the row with its columns renamed to the fields of `mapping` (field -> column).

    Other columns stay, but for one that has the name of a mapped field: it is replaced.

    Raises:
        BadRow: `missing_field`, the row lacks such a column.
    """
    for field, column in mapping.items():
        if column not in row:
            raise BadRow("missing_field", f"no column {column!r} for {field}")
    renamed = {key: value for key, value in row.items() if key not in mapping.values()}
    return renamed | {field: row[column] for field, column in mapping.items()}


def check_mapping(mapping: Mapping[str, str], columns: set[str]) -> None:
    """Check that every mapped column is one of the file's.

    Raises:
        UsageError: it is not; the message offers the nearest one.
    """
    for field, column in mapping.items():
        if column not in columns:
            raise UsageError(
                f"There is no column {column!r} in this file.",
                where=f"--map {field}={column}",
                fix=nearest_or_all(column, sorted(columns), "its columns are"),
            )


def check_fields_read(mapping: Mapping[str, str], asked: set[str]) -> None:
    """Check that every mapped field is one that reading asks for.

    Args:
        mapping: field -> column.
        asked: names that rows were asked for while they were read.

    Raises:
        UsageError: it is not, so that its column would be passed over; the message offers the
            nearest one.
    """
    for field, column in mapping.items():
        if field not in asked:
            raise UsageError(
                f"No field {field!r} is read from these rows.",
                where=f"--map {field}={column}",
                fix=nearest_or_all(field, sorted(asked), "leave it out, or name one of"),
            )
