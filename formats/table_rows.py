"""Rows of `.csv` and `.parquet`, read in batches."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from goldleaf.core.errors import UsageError
from goldleaf.core.files import explained
from goldleaf.formats.file_row import FileRow

BATCH = 2_000


def rows(path: Path) -> Iterator[FileRow]:
    """Yield every row; a cell of a CSV file is a text, an empty one is the empty text.

    Raises:
        UsageError: the file is missing or is no such table.
    """
    import polars as pl

    try:
        with open(path, "rb"):
            pass
    except OSError as error:
        raise explained(error, path) from error
    is_csv = path.suffix.lower() == ".csv"
    number = 0
    try:
        if is_csv:
            frame = pl.scan_csv(path, infer_schema=False).fill_null("")
        else:
            frame = pl.scan_parquet(path)
        for batch in frame.collect_batches(chunk_size=BATCH, maintain_order=True):
            for row in batch.iter_rows(named=True):
                number += 1
                yield FileRow(number, None, row)
    except pl.exceptions.PolarsError as error:
        raise UsageError(
            f"This {path.suffix[1:]} file cannot be read: {str(error).splitlines()[0]}",
            where=f"{path}, after row {number}",
            fix="check that it is whole and in UTF-8, or write it as .jsonl",
        ) from None
