"""`records.jsonl` as a source of readings."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from goldleaf.core.errors import BadRow
from goldleaf.core.readings import Reading
from goldleaf.formats import records
from goldleaf.formats.file_row import BadLine
from goldleaf.formats.rows import rows


def records_file(path: Path) -> Iterator[Reading]:
    """Yield one reading for every line of a `records.jsonl`, key `<file name>:<line>`.

    Raises:
        UsageError: the file is missing or may not be read.
    """
    name = path.name
    for row in rows(path):
        key = f"{name}:{row.line}"
        if isinstance(row, BadLine):
            yield Reading(key, reason=row.reason, detail=row.detail)
            continue
        try:
            yield Reading(key, (records.read(row.value),), line=row.raw)
        except BadRow as error:
            yield Reading(key, reason=error.reason, detail=error.detail)
