"""Frames kept as files over a kill: what is there, and whole, is not made again.

A manifest with the hashes of the files is written last, so that a damaged file is noticed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

import orjson
import polars as pl

from goldleaf.core.errors import GoldleafError
from goldleaf.core.files import read_small, write_atomically
from goldleaf.curation.engines.stages import content_hash
from goldleaf.curation.parquet_files import write_frame


def are_kept(manifest: Path, files: Iterable[Path]) -> bool:
    """Return whether files are as they were written together."""
    try:
        hashes = orjson.loads(read_small(manifest))
        return hashes == [content_hash(file.read_bytes()) for file in files]
    except (GoldleafError, OSError, ValueError):
        return False


def keep(manifest: Path, frames: Mapping[Path, pl.DataFrame]) -> None:
    """Write frames, each to its file, and then their manifest."""
    hashes = [content_hash(write_frame(path, frame)) for path, frame in frames.items()]
    write_atomically(manifest, orjson.dumps(hashes))
