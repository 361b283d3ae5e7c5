"""Batches of records, screened row by row and kept on disk, so that a killed run goes on.

A batch's files are named by a hash of its lines and of the versions of the screens and of the
refusal detector: what is there already was made from the same records by the same rules, and is not
made again. Its manifest has their hashes and is written last, so that a damaged file is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import orjson
import polars as pl
import xxhash

from goldleaf.core.errors import GoldleafError
from goldleaf.core.files import read_small, write_atomically
from goldleaf.core.records_jsonl import from_line
from goldleaf.curation.engines.stages import content_hash
from goldleaf.curation.parquet_files import write_frame
from goldleaf.curation.policy import Policy, preference
from goldleaf.curation.record_frames import record_frames
from goldleaf.curation.refusals import refusal_detector
from goldleaf.curation.row_findings import concat_findings, row_findings
from goldleaf.curation.screens.screen import RECORDS, Screen

BATCH = 4_096
"""Records that are in memory together."""
FORM = "5"
"""Another version of the files is made anew."""


@dataclass(frozen=True)
class ScreenedBatches:
    """What row screens made of all records.

    `parts`: files of `RECORDS` frames (Parquet), in the order of record ids; `findings`: all
    findings (`ROW_FINDINGS`).
    """

    parts: tuple[Path, ...]
    findings: pl.DataFrame

    def read(self, *columns: str) -> pl.DataFrame:
        """Return some columns of all records."""
        if not self.parts:
            return pl.DataFrame(schema={name: RECORDS[name] for name in columns})
        return pl.read_parquet(list(self.parts), columns=list(columns), glob=False)

    @property
    def paths(self) -> list[str]:
        """The files, as engines take them."""
        return [str(path) for path in self.parts]


def screen_batches(
    lines: Iterable[tuple[str, bytes]],
    folder: Path,
    screens: Mapping[str, Screen],
    policy: Policy,
    progress: Callable[[int], None] = lambda done: None,
) -> ScreenedBatches:
    """Screen records in batches.

    Args:
        lines: (id, canonical line) in the order of ids.
        folder: keeps the batches.
        screens: row screens by name.
        policy: what follows from a verdict, which decides what is kept of two equals.
        progress: called with how many records are done.
    """
    folder.mkdir(parents=True, exist_ok=True)
    versions = " ".join(f"{name}={screen.VERSION}" for name, screen in screens.items())
    versions += f" refuses={refusal_detector.VERSION} {policy.key()}"
    parts: list[Path] = []
    findings: list[pl.DataFrame] = []
    done = 0
    for batch in batches(lines):
        name = _hash(batch, versions)
        part, found = folder / f"{name}.records.parquet", folder / f"{name}.findings.parquet"
        manifest = folder / f"{name}.json"
        if not _whole(manifest, (part, found)):
            records, texts = record_frames((name, from_line(line)) for name, line in batch)
            its = row_findings(records, texts, screens)
            rows = records.drop("row").with_columns(preference(records, its, policy))
            written = [write_frame(part, rows), write_frame(found, its)]
            write_atomically(manifest, orjson.dumps([content_hash(each) for each in written]))
        parts.append(part)
        findings.append(pl.read_parquet(found, glob=False))
        done += len(batch)
        progress(done)
    return ScreenedBatches(tuple(parts), concat_findings(findings))


def _whole(manifest: Path, files: Iterable[Path]) -> bool:
    """Return whether a batch's files are as they were written, the manifest last."""
    try:
        hashes = orjson.loads(read_small(manifest))
        return hashes == [content_hash(file.read_bytes()) for file in files]
    except (GoldleafError, OSError, ValueError):
        return False


def batches(
    lines: Iterable[tuple[str, bytes]],
) -> Iterator[tuple[tuple[str, bytes], ...]]:
    """Yield the lines in batches of `BATCH`."""
    left = iter(lines)
    while batch := tuple(islice(left, BATCH)):
        yield batch


def _hash(batch: Iterable[tuple[str, bytes]], versions: str) -> str:
    digest = xxhash.xxh3_128(f"{FORM} {pl.__version__} {versions}\n".encode())
    for _, line in batch:
        digest.update(line)
        digest.update(b"\n")
    return digest.hexdigest()
