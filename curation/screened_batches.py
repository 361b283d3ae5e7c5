"""Batches of records, screened row by row and kept on disk, so that a killed run goes on.

A batch's files are named by a hash of its lines, of the versions of the screens and of the refusal
detector, and of what prompts are judged by: what is there already was made from the same records by
the same rules, and is not made again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl
import xxhash

from goldleaf.core.records_jsonl import from_line
from goldleaf.curation.engines.kept_frames import are_kept, keep
from goldleaf.curation.engines.local import Local
from goldleaf.curation.parquet_files import write_frame
from goldleaf.curation.policy import Policy, preference
from goldleaf.curation.record_frames import record_frames
from goldleaf.curation.record_store import RecordStore, merged_lines
from goldleaf.curation.refusals import refusal_detector
from goldleaf.curation.refusals.prompt_harm import method
from goldleaf.curation.row_findings import concat_findings, row_findings
from goldleaf.curation.screens.registry import row_screens
from goldleaf.curation.screens.screen import RECORDS

BATCH = 2_048
"""Records that are in memory together."""
FORM = "6"
"""Another version of the files is made anew."""
_SCREENED = {"places": pl.String, "records": pl.String, "findings": pl.String}
"""The file of a batch's places, and those that were made of it."""


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
    store: RecordStore,
    folder: Path,
    screens: Sequence[str],
    policy: Policy,
    progress: Callable[[int], None] = lambda done: None,
    engine: Local | None = None,
    counted: Callable[[int], None] = lambda records: None,
) -> ScreenedBatches:
    """Screen records in batches.

    Args:
        store: the records.
        folder: keeps the batches.
        screens: names of row screens.
        policy: what follows from a verdict, which decides what is kept of two equals.
        progress: called with how many records are done.
        engine: screens several batches at once; in this process if None.
        counted: called with the number of different records, before the first is screened.
    """
    folder.mkdir(parents=True, exist_ok=True)
    places, total = _write_places(store, folder)
    counted(total)
    engine, done = engine or Local(), 0

    def finished() -> None:
        nonlocal done
        done = min(total, done + BATCH)
        progress(done)

    kernel = ScreenBatch(str(store.path), str(folder), tuple(screens), policy)
    data = engine.map(engine.source(places), kernel, _SCREENED)
    found = engine.collect(data, finished).sort("places")
    for path in places:
        Path(path).unlink()
    findings = (pl.read_parquet(path, glob=False) for path in found["findings"])
    return ScreenedBatches(tuple(map(Path, found["records"])), concat_findings(findings))


def _write_places(store: RecordStore, folder: Path) -> tuple[list[str], int]:
    """Write where the lines of each batch are, a file each; return these, and how many records."""
    places = store.places()
    numbers = places.select((pl.col("record").rle_id() // BATCH).alias("batch")).to_series()
    paths: list[str] = []
    for batch in places.with_columns(numbers).partition_by("batch", maintain_order=True):
        paths.append(str(folder / f"places-{len(paths):08}.parquet"))
        write_frame(Path(paths[-1]), batch.drop("batch"))
    return paths, places["record"].n_unique()


@dataclass(frozen=True)
class ScreenBatch:
    """Kernel: the files (`_SCREENED`) of a batch, made unless they are there.

    Attributes:
        store: the file of the records' lines.
        folder: keeps the files.
        screens: names of row screens.
        policy: as in `screen_batches`.
    """

    store: str
    folder: str
    screens: tuple[str, ...]
    policy: Policy

    def __call__(self, paths: pl.DataFrame) -> pl.DataFrame:
        """Screen; `paths` has one row, the file of the places of the batch (`PLACES`)."""
        path = paths["path"][0]
        batch = tuple(merged_lines(Path(self.store), pl.read_parquet(path, glob=False)))
        screens = {name: row_screens()[name] for name in self.screens}
        versions = " ".join(f"{name}={screen.VERSION}" for name, screen in screens.items())
        versions += f" refuses={refusal_detector.VERSION} harm={method()} {self.policy.key()}"
        start = Path(self.folder, _hash(batch, versions))
        part, found = start.with_suffix(".records.parquet"), start.with_suffix(".findings.parquet")
        manifest = start.with_suffix(".json")
        if not are_kept(manifest, (part, found)):
            records, texts = record_frames((name, from_line(line)) for name, line in batch)
            its = row_findings(records, texts, screens)
            rows = records.drop("row").with_columns(preference(records, its, self.policy))
            keep(manifest, {part: rows, found: its})
        row = (path, str(part), str(found))
        return pl.DataFrame([row], schema=_SCREENED, orient="row")


def _hash(batch: Iterable[tuple[str, bytes]], versions: str) -> str:
    digest = xxhash.xxh3_128(f"{FORM} {pl.__version__} {versions}\n".encode())
    for _, line in batch:
        digest.update(line)
        digest.update(b"\n")
    return digest.hexdigest()
