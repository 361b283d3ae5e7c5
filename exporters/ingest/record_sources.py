"""Sources of records: a `records.jsonl`, whole or split into parts; several sources in a row."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from goldleaf.core.errors import BadRow
from goldleaf.core.input_results import InputResult
from goldleaf.formats import goldleaf_records, jsonl_chunks
from goldleaf.formats.jsonl_chunks import FilePart
from goldleaf.formats.read_rows import rows
from goldleaf.formats.row_location import BadLine
from goldleaf.sources.consent import check_parents, consent_of


@dataclass(frozen=True, slots=True)
class RecordsFile:
    """A `records.jsonl`, or some of its lines: one input a line, key `<file name>:<line>`.

    Reading it raises UsageError where the file is missing or may not be read.
    """

    path: Path
    part: FilePart | None = None

    def __iter__(self) -> Iterator[InputResult]:
        name = self.path.name
        for row in rows(self.path) if self.part is None else jsonl_chunks.rows(self.part):
            key = f"{name}:{row.line}"
            if isinstance(row, BadLine):
                yield InputResult(key, reason=row.reason, detail=row.detail)
                continue
            try:
                record = goldleaf_records.read(row.value)
                check_parents(record)
                yield InputResult(key, (record,), line=row.raw)
            except BadRow as error:
                answer, place = consent_of(row.value)
                reason, detail = (
                    ("no_consent", place) if answer == "no" else (error.reason, error.detail)
                )
                yield InputResult(key, reason=reason, detail=detail)

    def size(self) -> int:
        """Return the file's size in bytes; 0 for a pipe or device, and for a missing file."""
        return self.path.stat().st_size if self.path.is_file() else 0

    def parts(self, size: int) -> list[RecordsFile]:
        """Return parts of at least `size` bytes, cut at line ends; [] if it cannot be split."""
        return [RecordsFile(self.path, part) for part in jsonl_chunks.cut(self.path, size)]


def records_file(path: Path) -> RecordsFile:
    """Return a `records.jsonl` file as a source of inputs; it is opened when it is iterated."""
    return RecordsFile(path)


@dataclass(frozen=True, slots=True)
class SourceList:
    """Several sources, read one after the other; a records file among them can still be split."""

    sources: Sequence[Iterable[InputResult]]

    def __iter__(self) -> Iterator[InputResult]:
        return chain.from_iterable(self.sources)
