"""A file in, readings out: rows, their format, their source's check; nothing goes missing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path

from goldleaf.core.errors import BadRow, NothingUsable
from goldleaf.core.readings import Reading
from goldleaf.core.record_lines import to_line
from goldleaf.core.records import Provenance
from goldleaf.formats.catalogue import LOOKED_AT, format_named, guess_format
from goldleaf.formats.file_row import BadLine, FileRow
from goldleaf.formats.format import Format
from goldleaf.formats.rows import check_mapping, mapped, rows
from goldleaf.sources.catalogue import source_named
from goldleaf.sources.source import Source


@dataclass(frozen=True)
class Intake:
    """A file being read: iterate it for its readings, once.

    `format` is the shape its rows are read in; `guessed` says that nobody named it.
    """

    path: Path
    format: Format
    guessed: bool
    readings: Iterator[Reading]

    def __iter__(self) -> Iterator[Reading]:
        """Yield one reading for every row, good or bad, in the order of the file."""
        return self.readings


def read_file(
    path: Path,
    source: str,
    *,
    format: str | None = None,
    mapping: Mapping[str, str] | None = None,
    licence: str = "",
    consent: str = "",
) -> Intake:
    """Open a file of rows.

    Args:
        path: `.jsonl`, `.json`, either with `.gz`, `.csv` or `.parquet`.
        source: name of a source: `feedback`, `public`...
        format: name of a format; None to guess it from the first rows.
        mapping: field -> column, for columns with strange names.
        licence: of the whole file; a row may name its own.
        consent: how and where it was given, for the whole file.

    Raises:
        UsageError: the file, source, format or a mapped column does not exist, or no format fits.
        NothingUsable: not one of the first rows can be read.
    """
    unit = source_named(source)
    mapping = mapping or {}
    stream = rows(path)
    looked_at = _first(stream)
    good = [row.value for row in looked_at if isinstance(row, FileRow)]
    if good:
        check_mapping(mapping, {column for row in good for column in row})
    if format is not None:
        shape = format_named(format)
    elif good:
        shape = guess_format([mapped(row, _present(mapping, row)) for row in good])
    else:
        seen = f"; the first bad line: {_place(looked_at[0])}" if looked_at else ""
        raise NothingUsable(
            "This file has no row that can be read.",
            where=f"{path}{seen}",
            fix="give UTF-8 text with one JSON object a line",
        )
    said = {"licence": licence, "consent": consent}
    said = {q.field: said.get(q.field) or q.default for q in unit.QUESTIONS}
    readings = (
        _reading(row, path.name, shape, unit, mapping, said) for row in chain(looked_at, stream)
    )
    return Intake(path, shape, format is None, readings)


def _first(stream: Iterator[FileRow | BadLine]) -> list[FileRow | BadLine]:
    """Return the leading rows, up to `LOOKED_AT` good ones and ten times as many in all."""
    looked_at: list[FileRow | BadLine] = []
    good = 0
    for row in stream:
        looked_at.append(row)
        good += isinstance(row, FileRow)
        if good == LOOKED_AT or len(looked_at) == 10 * LOOKED_AT:
            break
    return looked_at


def _present(mapping: Mapping[str, str], row: Mapping[str, object]) -> dict[str, str]:
    return {field: column for field, column in mapping.items() if column in row}


def _place(row: FileRow | BadLine) -> str:
    said = f"{row.reason} ({row.detail})" if isinstance(row, BadLine) else ""
    return f"line {row.line}, byte {row.offset}: {said}"


def _reading(
    row: FileRow | BadLine,
    name: str,
    shape: Format,
    source: Source,
    mapping: Mapping[str, str],
    said: Mapping[str, str],
) -> Reading:
    key = f"{name}:{row.line}"
    if isinstance(row, BadLine):
        at = "" if row.offset is None else f" (byte {row.offset})"
        return Reading(key, reason=row.reason, detail=f"{row.detail}{at}")
    try:
        record = shape.read(mapped(row.value, mapping))
        if not record.parents:
            record = replace(record, parents=(Provenance(file=name, line=row.line),))
        record = source.check(record, row.value, said)
        to_line(record)  # a text that cannot be written must be refused here, with its line
    except BadRow as error:
        return Reading(key, reason=error.reason, detail=error.detail)
    return Reading(key, (record,))
