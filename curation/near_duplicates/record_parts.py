"""The rows that screens of sets read, as Parquet files of some ten thousand rows each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from goldleaf.curation.engines.engine import PARTITIONS
from goldleaf.curation.parquet_files import write_frame
from goldleaf.curation.screens.screen import RECORDS

COLUMNS = {
    **{name: RECORDS[name] for name in ("record", "prompt", "answer", "structured", "preference")},
    "tools": pl.String,
}
"""The columns of `RECORDS` that are read, any others may be there; and `tools`: the declared tools
as text, because two rows that declare others are two rows. All but `record`, `prompt` may lack."""
PART_ROWS = 20_000
BATCH_ROWS = 1_000
"""Rows whose shingles are in memory at once."""
_BATCH_BYTES = 2**24


def write_parts(rows: pl.DataFrame | Sequence[str | Path], folder: Path) -> list[str]:
    """Return paths of Parquet files that hold the rows; a frame is written to some in `folder`.

    Args:
        rows: a frame with `COLUMNS`, or files of such frames.
        folder: where the parts of a frame are written.
    """
    if not isinstance(rows, pl.DataFrame):
        return [str(Path(path).absolute()) for path in rows]
    paths: list[str] = []
    narrow = rows.select([name for name in COLUMNS if name in rows.columns])
    for number, part in enumerate(narrow.iter_slices(PART_ROWS) if narrow.height else ()):
        path = folder / f"rows-{number:05}.parquet"
        write_frame(path, part, compression="uncompressed")
        paths.append(str(path.absolute()))
    return paths


def count_rows(paths: Sequence[str]) -> int:
    """Return how many rows files hold."""
    return sum(
        pl.scan_parquet(path, glob=False).select(pl.len()).collect().item() for path in paths
    )


def read_parts(paths: pl.DataFrame) -> pl.DataFrame:
    """Return the rows (`COLUMNS`) of the files named in the column `path`, each record once."""
    frames: list[pl.DataFrame] = []
    for path in paths["path"]:
        found = pl.read_parquet(path, glob=False)
        frames.append(
            found.select(
                pl.col(name).cast(kind) if name in found.columns else pl.lit(None, kind).alias(name)
                for name, kind in COLUMNS.items()
            )
        )
    return pl.concat(frames).with_columns(
        pl.col("prompt", "answer", "tools").fill_null(""), pl.col("structured").fill_null(False)
    )


def read_texts(paths: pl.DataFrame, records: pl.Series | None = None) -> pl.DataFrame:
    """Return `record`, `prompt` and `answer` of the files named in `path`: all, or some records."""
    frames: list[pl.DataFrame] = []
    for path in paths["path"]:
        part = pl.scan_parquet(path, glob=False)
        names = part.collect_schema().names()
        texts = (
            pl.col(name).cast(pl.String).fill_null("") if name in names else pl.lit("").alias(name)
            for name in ("prompt", "answer")
        )
        own = part.select(pl.col("record").cast(pl.String), *texts)
        if records is not None:
            own = own.filter(pl.col("record").is_in(records.implode()))
        frames.append(own.collect())
    return pl.concat(frames)


def keys_of(records: pl.Series) -> np.ndarray[Any, np.dtype[np.int64]]:
    """Return a number for each record's id, 0 to 2 ** 63 - 1; ids are too long to travel."""
    from xxhash import xxh3_64_intdigest

    found = np.fromiter(
        map(xxh3_64_intdigest, records.cast(pl.Binary).to_list()), np.uint64, len(records)
    )
    return (found >> np.uint64(1)).astype(np.int64)


def partition_of(keys: np.ndarray[Any, Any]) -> np.ndarray[Any, np.dtype[np.int32]]:
    """Return the partition of each key."""
    return (keys % PARTITIONS).astype(np.int32)


def batches(sizes: np.ndarray[Any, Any]) -> Iterator[slice]:
    """Yield slices of rows, short enough that their arrays fit into a cache or at least memory.

    Args:
        sizes: bytes of each row's texts.
    """
    start, total = 0, 0
    for row, size in enumerate(sizes.tolist()):
        if row > start and (row - start >= BATCH_ROWS or total + size > _BATCH_BYTES):
            yield slice(start, row)
            start, total = row, 0
        total += size
    if start < len(sizes):
        yield slice(start, len(sizes))
