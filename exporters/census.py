"""The one pass over what was read: examples and rows are made, one row of columns each stays.

A record that comes twice can only be merged once all is read. So its line is spooled, and the few
records of which there are several are made again at the end, whole; what they gave before is put
aside.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import xxhash

from goldleaf.core.errors import BadRow
from goldleaf.core.identity import merged, record_id
from goldleaf.core.readings import Reading
from goldleaf.core.record_lines import from_line, to_line
from goldleaf.core.records import Record
from goldleaf.exporters.columns import Columns
from goldleaf.exporters.making import Made, Making

if TYPE_CHECKING:
    import polars as pl

Progress = Callable[[str, int], None]
"""Called with the name of a stage and how many it has done."""


@dataclass(frozen=True)
class Census:
    """What was read.

    `answers`: answer (index), key, reason, detail; `links`: answer, record; `records`: record,
    arrival, one row each; `made`: what came of these arrivals and no others.
    """

    answers: pl.DataFrame
    links: pl.DataFrame
    records: pl.DataFrame
    made: Made


def take_in(readings: Iterable[Reading], making: Making, spool: Path, progress: Progress) -> Census:
    """Read everything once.

    A reading that comes twice counts once. Two different readings under one key (two files of one
    name) both count: the key then gets `#` and a hash of what was read.
    """
    import polars as pl

    small, text = pl.UInt32, pl.String
    answers = Columns(
        {"answer": small, "key": text, "digest": pl.UInt64, "reason": text, "detail": text}
    )
    lines = Columns(
        {"arrival": small, "answer": small, "record": text, "offset": pl.UInt64, "length": small}
    )
    offset = arrival = 0
    with open(spool, "wb") as file:
        for index, reading in enumerate(readings):
            made, reason, detail = _lines(reading)
            digest = xxhash.xxh3_64(f"{reason}\n{detail}\n".encode())
            for line in sorted(line for _, line, _ in made):
                digest.update(line + b"\n")
            answers.add(index, reading.key, digest.intdigest(), reason, detail)
            for identity, line, record in made:
                file.write(line)
                lines.add(arrival, index, identity, offset, len(line))
                offset += len(line)
                making.make(arrival, identity, record)
                arrival += 1
            progress("read", index + 1)
    once = _told_apart(answers.frame())
    arrived = lines.frame().join(once.select("answer"), on="answer", how="semi")
    several = pl.len().over("record") > 1
    alone = arrived.filter(~several).select("record", "arrival")
    again = Columns({"record": text, "arrival": small})
    with open(spool, "rb") as file:
        for (identity,), group in arrived.filter(several).group_by("record"):
            found = set[bytes]()
            for at, length in group.select("offset", "length").iter_rows():
                file.seek(at)
                found.add(file.read(length))
            making.make(arrival, str(identity), _one(found))
            again.add(identity, arrival)
            arrival += 1
    records = pl.concat([alone, again.frame()]).sort("record")
    links = arrived.select("answer", "record").unique()
    return Census(once, links, records, making.done().only(records.select("arrival")))


def _lines(reading: Reading) -> tuple[list[tuple[str, bytes, Record]], str, str]:
    """Return (id, line, record) of all records, and why there is none; a text may be unwritable."""
    try:
        lines = [(to_line(record), record) for record in reading.records]
    except BadRow as error:
        return [], error.reason, _readable(error.detail)
    made = [(record_id(record), line, record) for line, record in lines]
    return made, reading.reason, _readable(reading.detail)


def _readable(detail: str) -> str:
    return detail.encode("utf-8", "replace").decode()


def _one(lines: Iterable[bytes]) -> Record:
    """Return equal records as one with all parents, whatever their order."""
    first, *others = (from_line(line) for line in sorted(lines))
    for other in others:
        first = merged(first, other)
    return first


def _told_apart(answers: pl.DataFrame) -> pl.DataFrame:
    """Return every reading once, under a key of its own, sorted by it."""
    import polars as pl

    once = answers.unique(["key", "digest"], keep="first", maintain_order=True)
    shared = pl.len().over("key") > 1
    short = pl.col("digest").map_elements("{:016x}".format, return_dtype=pl.String).str.slice(0, 8)
    alone, several = once.filter(~shared), once.filter(shared)
    several = several.with_columns(key=pl.col("key") + "#" + short)
    return pl.concat([alone, several]).drop("digest").sort("key")
