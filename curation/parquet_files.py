"""Data frames written as Parquet files, whole or not at all."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Literal

import polars as pl

from goldleaf.core.files import write_atomically


def write_frame(
    path: Path,
    frame: pl.DataFrame,
    *,
    compression: Literal["zstd", "uncompressed"] = "zstd",
    statistics: bool = True,
) -> bytes:
    """Write a frame and return the bytes of the file.

    They go through memory, because Polars reports a full disk as another error than the system's.

    Raises:
        GoldleafError: the disk is full, or the file may not be written; it is as it was.
    """
    buffer = io.BytesIO()
    frame.write_parquet(buffer, compression=compression, statistics=statistics)
    content = buffer.getvalue()
    write_atomically(path, content)
    return content
