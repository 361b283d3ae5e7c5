"""The records of one curation, kept on disk: added in any order, merged where equal, read by id.

Whatever the order in which records are added, and from how many files, `merged` returns the same
records in the same order: equal content is one record with all its parents.
"""

from __future__ import annotations

import mmap
from array import array
from collections.abc import Collection, Generator, Iterator, Sequence
from contextlib import contextmanager
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any, BinaryIO

import orjson
import polars as pl

from goldleaf.core.record_hash import merge_records, record_id
from goldleaf.core.records import Provenance, Record
from goldleaf.core.records_jsonl import from_line, to_line
from goldleaf.core.screen_verdicts import JUDGE

ARRIVALS = {"record": pl.String, "file": pl.String, "line": pl.Int64}
"""One row a record that was added: its id, and the file and line (or project and task) it is of."""
PLACES = {"record": pl.String, "offset": pl.UInt64, "length": pl.UInt64}
"""One row a record that was added: its id, and where its line is in the store's file, in bytes."""


class RecordStore:
    """Records on disk; `open_store` opens one."""

    def __init__(self, path: Path, file: BinaryIO) -> None:
        self.path, self._file = path, file
        self._ids: list[str] = []
        self._offsets, self._lengths = array("Q"), array("Q")
        self._files: list[str] = []
        self._lines: list[int | None] = []
        self._end = 0

    def __len__(self) -> int:
        return len(self._ids)

    def add(self, record: Record, line: bytes = b"") -> None:
        """Add a record.

        Args:
            record: the record.
            line: its canonical line, where that is written already.

        Raises:
            BadRow: it cannot be written as JSON.
        """
        line = line or to_line(record)
        self._file.write(line)
        self._ids.append(record_id(record))
        self._offsets.append(self._end)
        self._lengths.append(len(line))
        file, number = place_of(record.parents[0]) if record.parents else ("", None)
        self._files.append(file)
        self._lines.append(number)
        self._end += len(line)

    def arrivals(self) -> pl.DataFrame:
        """Return where each record that was added comes from, sorted by record and place."""
        found = pl.DataFrame(
            {"record": self._ids, "file": self._files, "line": self._lines}, schema=ARRIVALS
        )
        return found.sort("record", "file", "line", nulls_last=True)

    def arrival_order(self) -> Sequence[int]:
        """Return the places of the records in `merged`, counted from 0, in the order they came in.

        Of equal ones the first counts.
        """
        came = pl.Series(self._ids, dtype=pl.String).unique(maintain_order=True)
        return array("Q", came.arg_sort().arg_sort())

    def first_places(self, only: Collection[str]) -> dict[str, tuple[str, int | None]]:
        """Return id -> file and line of the records with these ids; of equal ones, of the first.

        That is the place which equal records are told to repeat (`arrivals`).
        """
        found = self.arrivals().filter(pl.col("record").is_in(sorted(only)))
        first = found.unique("record", keep="first", maintain_order=True)
        return {record: (file, line) for record, file, line in first.iter_rows()}

    def merged(self, only: Collection[str] | None = None) -> Iterator[tuple[str, bytes]]:
        """Yield (id, canonical line) of each record once, in the order of ids.

        Args:
            only: ids; other records are left out.
        """
        yield from merged_lines(self.path, self.places(only))

    def places(self, only: Collection[str] | None = None) -> pl.DataFrame:
        """Return where the lines of records are in the file (`PLACES`), in the order of ids.

        Args:
            only: ids; other records are left out.
        """
        self._file.flush()
        places = {"record": self._ids, "offset": self._offsets, "length": self._lengths}
        found = pl.DataFrame(places, schema=PLACES)
        if only is not None:
            found = found.filter(pl.col("record").is_in(sorted(only)))
        return found.sort("record", maintain_order=True)


def merged_lines(path: Path, places: pl.DataFrame) -> Iterator[tuple[str, bytes]]:
    """Yield (id, canonical line) of each record once: equal ones are merged.

    Args:
        path: a store's file.
        places: of it (`PLACES`), those of one record one after another.
    """
    if places.is_empty():
        return
    with (
        open(path, "rb") as file,
        mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as lines,
    ):
        read = ((record, lines[at : at + length]) for record, at, length in places.iter_rows())
        for record, several in groupby(read, itemgetter(0)):
            yield record, _one([line for _, line in several])


@contextmanager
def open_store(path: Path) -> Generator[RecordStore]:
    """Yield an empty store that keeps its lines in a new file at `path`."""
    with open(path, "wb") as file:
        yield RecordStore(path, file)


def place_of(parent: Provenance) -> tuple[str, int | None]:
    """Return the file and line of a record, or the project and task that stand for them."""
    if parent.project is not None:
        return f"project:{parent.project}", parent.task
    return parent.file, parent.line


def enriched_line(
    line: bytes,
    verdicts: list[dict[str, Any]],
    signals: dict[str, float],
    behaviours: dict[str, bool],
    tags: dict[str, Any],
) -> bytes:
    """Return a canonical line with other verdicts, more signals and other tags.

    Args:
        line: as `merged` yields it.
        verdicts: replace those that the line has, but not the opinion of a judge.
        signals: replace those of the same name.
        behaviours: name -> whether the record has it; others stay.
        tags: replace those of the same name.
    """
    plain = orjson.loads(line)
    before = plain.get("tags", {})
    opinions = [each for each in before.get("verdicts", []) if each.get("screen") == JUDGE]
    own = {**before, **tags, "verdicts": [*opinions, *verdicts]}
    own["signals"] = own.get("signals", {}) | signals
    kept = [name for name in own.get("behaviours", []) if behaviours.get(name, True)]
    new = [name for name, there in behaviours.items() if there and name not in kept]
    own["behaviours"] = [*kept, *new]
    plain["tags"] = {name: value for name, value in own.items() if value not in ("", [], {})}
    if not plain["tags"]:
        del plain["tags"]
    return orjson.dumps(plain, option=orjson.OPT_SORT_KEYS)


def _one(lines: list[bytes]) -> bytes:
    """Return equal records as one, independent of their order."""
    different = sorted(set(lines))
    if len(different) == 1:
        return different[0]
    return to_line(merge_records(*map(from_line, different)))
