"""Rows of `.parquet`, read in batches."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

from goldleaf.core.errors import UsageError
from goldleaf.core.files import file_error
from goldleaf.formats.row_location import FileRow

BATCH = 2_000


def _plain(value: Any) -> Any:
    """Return a value as JSON has it: dates and decimals as texts, text kept as bytes as text.

    Other bytes are None: pictures and sounds have no place in a text.
    """
    if value is None or isinstance(value, str | bool | int | float):
        return value
    if isinstance(value, bytes):
        try:
            return value.decode()
        except UnicodeDecodeError:
            return None
    if isinstance(value, dict):
        return {str(key): _plain(inner) for key, inner in cast("dict[Any, Any]", value).items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in cast("list[Any]", value)]
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def rows(path: Path) -> Iterator[FileRow]:
    """Yield every row as JSON values, numbered from 1, without a byte offset.

    Dates and decimals become texts, bytes the text they encode in UTF-8, or None.

    Raises:
        UsageError: the file is missing, may not be read or is not such a table; some rows may have
            come before.
        GoldleafError: the system fails at opening it.
    """
    import polars as pl

    try:
        with open(path, "rb"):
            pass
    except OSError as error:
        raise file_error(error, path) from error
    number = 0
    try:
        frame = pl.scan_parquet(path, glob=False)
        for batch in frame.collect_batches(chunk_size=BATCH, maintain_order=True):
            for row in batch.iter_rows(named=True):
                number += 1
                yield FileRow(number, None, {name: _plain(value) for name, value in row.items()})
    except pl.exceptions.PolarsError as error:
        raise UsageError(
            f"This {path.suffix[1:]} file cannot be read: {str(error).splitlines()[0]}",
            where=f"{path}, after row {number}",
            fix="check that it is whole, or write it as .jsonl",
        ) from None
