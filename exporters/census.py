"""The first pass: records go to disk as lines, and one row of columns each stays in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING

import xxhash

from goldleaf.core.errors import BadRow
from goldleaf.core.identity import merged, record_id
from goldleaf.core.readings import Reading
from goldleaf.core.record_lines import from_line, to_line
from goldleaf.core.records import Record
from goldleaf.exporters.columns import Columns

if TYPE_CHECKING:
    import polars as pl

Progress = Callable[[str, int], None]
"""Called with the name of a stage and how many it has done."""


@dataclass(frozen=True)
class Census:
    """What was read.

    `answers`: answer (index), key, reason, detail; `links`: answer, record; `lines`: record,
    offset, length of every line in `spool`.
    """

    answers: pl.DataFrame
    links: pl.DataFrame
    lines: pl.DataFrame
    spool: Path

    def records(self) -> Iterator[tuple[str, Record]]:
        """Yield (id, record) in the order of ids; equal records come as one with all parents."""
        with open(self.spool, "rb") as file:
            placed = self.lines.sort("record", "offset").iter_rows()
            for identity, group in groupby(placed, key=itemgetter(0)):
                found = set[bytes]()
                for _, offset, length in group:
                    file.seek(offset)
                    found.add(file.read(length))
                first, *others = (from_line(line) for line in sorted(found))
                for other in others:
                    first = merged(first, other)
                yield str(identity), first


def take_in(readings: Iterable[Reading], spool: Path, progress: Progress) -> Census:
    """Read everything once.

    A reading that comes twice counts once. Two different readings under one key (two files of one
    name) both count: the key then gets `#` and a hash of what was read.
    """
    import polars as pl

    whole = {"answer": pl.UInt64, "key": pl.String, "digest": pl.String}
    answers = Columns({**whole, "reason": pl.String, "detail": pl.String})
    links = Columns({"answer": pl.UInt64, "record": pl.String})
    lines = Columns({"record": pl.String, "offset": pl.UInt64, "length": pl.UInt64})
    offset = 0
    with open(spool, "wb") as file:
        for index, reading in enumerate(readings):
            spooled, reason, detail = _lines(reading)
            digest = xxhash.xxh3_64()
            for part in (reason.encode(), detail.encode(), *sorted(line for _, line in spooled)):
                digest.update(part + b"\n")
            answers.add(index, reading.key, digest.hexdigest(), reason, detail)
            for identity, line in spooled:
                file.write(line + b"\n")
                links.add(index, identity)
                lines.add(identity, offset, len(line))
                offset += len(line) + 1
            progress("read", index + 1)
    once = _told_apart(answers.frame())
    kept = links.frame().unique().join(once.select("answer"), on="answer", how="semi")
    return Census(once, kept, lines.frame(), spool)


def _lines(reading: Reading) -> tuple[list[tuple[str, bytes]], str, str]:
    """Return (id, line) of each record, and why there is none; a text may be unwritable."""
    detail = reading.detail.encode("utf-8", "replace").decode()
    try:
        lines = [(to_line(record), record) for record in reading.records]
        return [(record_id(record), line) for line, record in lines], reading.reason, detail
    except BadRow as error:
        return [], error.reason, error.detail


def _told_apart(answers: pl.DataFrame) -> pl.DataFrame:
    import polars as pl

    once = answers.group_by("key", "digest").agg(pl.all().first())
    shared = pl.len().over("key") > 1
    marked = pl.col("key") + "#" + pl.col("digest").str.slice(0, 8)
    key = pl.when(shared).then(marked).otherwise(pl.col("key"))
    return once.with_columns(key.alias("key")).drop("digest").sort("key")
