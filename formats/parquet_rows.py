"""Rows of `.parquet`, read in batches."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from goldleaf.core.errors import UsageError
from goldleaf.core.files import explained
from goldleaf.formats.file_row import FileRow

BATCH = 2_000


def rows(path: Path) -> Iterator[FileRow]:
    """Yield every row.

    Raises:
        UsageError: the file is missing or is not such a table.
    """
    import polars as pl

    try:
        with open(path, "rb"):
            pass
    except OSError as error:
        raise explained(error, path) from error
    number = 0
    try:
        frame = pl.scan_parquet(path)
        for batch in frame.collect_batches(chunk_size=BATCH, maintain_order=True):
            for row in batch.iter_rows(named=True):
                number += 1
                yield FileRow(number, None, row)
    except pl.exceptions.PolarsError as error:
        raise UsageError(
            f"This {path.suffix[1:]} file cannot be read: {str(error).splitlines()[0]}",
            where=f"{path}, after row {number}",
            fix="check that it is whole, or write it as .jsonl",
        ) from None
