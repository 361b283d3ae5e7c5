"""The one pass over what was read: examples and rows are made, one row of columns each stays.

A record that comes twice can only be merged once all is read. So its line is spooled, and the few
records of which there are several are made again at the end, whole; what they gave before is put
aside.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import xxhash

from goldleaf.core.errors import BadRow
from goldleaf.core.identity import merged, record_id
from goldleaf.core.readings import Reading
from goldleaf.core.record_lines import from_line, to_line
from goldleaf.core.records import Record
from goldleaf.exporters.census.columns import Columns
from goldleaf.exporters.census.making import SPOOLED, Made, Making
from goldleaf.exporters.census.provenance import Hand, hand_of, places_of

if TYPE_CHECKING:
    import polars as pl

Progress = Callable[[str, int], None]
"""Called with the name of a stage and how many it has done."""


@dataclass(frozen=True)
class Census:
    """What was read.

    `answers`: answer (index), key, reason, detail, hand (code in `hands`), places; `links`: answer,
    record; `records`: record, arrival, one row each; `made`: what came of these arrivals and no
    others.
    """

    answers: pl.DataFrame
    links: pl.DataFrame
    records: pl.DataFrame
    made: Made
    hands: Sequence[Hand]


def take_in(readings: Iterable[Reading], making: Making, spool: Path, progress: Progress) -> Census:
    """Read everything once.

    A reading that comes twice counts once. Two different readings under one key (two files of one
    name) both count: the key then gets `#` and a hash of what was read.
    """
    import polars as pl

    small, text = pl.UInt32, pl.String
    answers = Columns(
        {
            **{"answer": small, "key": text, "reason": text, "detail": text},
            **{"hand": small, "places": text},
        }
    )
    hands: dict[Hand, int] = {}
    lines = Columns(
        {"arrival": small, "answer": small, "record": text, "offset": pl.UInt64, "length": small}
    )
    offset = arrival = 0
    with open(spool, "wb", SPOOLED) as file:
        for index, reading in enumerate(readings):
            made, reason, detail = _lines(reading)
            hand = hands.setdefault(hand_of(reading.records), len(hands))
            places = places_of(reading.records, reading.key)
            answers.add(index, reading.key, reason, detail, hand, places)
            for identity, line, record in made:
                file.write(line)
                lines.add(arrival, index, identity, offset, len(line))
                offset += len(line)
                making.make(arrival, identity, record)
                arrival += 1
            progress("read", index + 1)
    once = _told_apart(answers.frame(), lines.frame(), spool)
    arrived = lines.frame().join(once.select("answer"), on="answer", how="semi")
    several = pl.len().over("record") > 1
    alone = arrived.filter(~several).select("record", "arrival")
    again = Columns({"record": text, "arrival": small})
    with open(spool, "rb") as file:
        for identity, *spots in _spots(arrived.filter(several), "record").iter_rows():
            making.make(arrival, identity, _one(_spooled(file, *spots)))
            again.add(identity, arrival)
            arrival += 1
    records = pl.concat([alone, again.frame()]).sort("record")
    links = arrived.select("answer", "record").unique()
    made = making.done().only(records.select("arrival"))
    return Census(once, links, records, made, tuple(hands))


def _lines(reading: Reading) -> tuple[list[tuple[str, bytes, Record]], str, str]:
    """Return (id, line, record) of all records, and why there is none; a text may be unwritable.

    A line as it was read is as good as a canonical one until two must be compared, which is rare.
    """
    if reading.line:
        (record,) = reading.records
        return [(record_id(record), reading.line, record)], "", ""
    try:
        lines = [(to_line(record), record) for record in reading.records]
    except BadRow as error:
        return [], error.reason, _readable(error.detail)
    made = [(record_id(record), line, record) for line, record in lines]
    return made, reading.reason, _readable(reading.detail)


def _readable(detail: str) -> str:
    return detail.encode("utf-8", "replace").decode()


def _spooled(
    spool: BinaryIO, offsets: Iterable[int], lengths: Iterable[int]
) -> dict[bytes, Record]:
    """Return canonical line -> record of some lines of the spool, sorted, each once."""
    found: dict[bytes, Record] = {}
    for offset, length in zip(offsets, lengths, strict=True):
        spool.seek(offset)
        record = from_line(spool.read(length))
        found[to_line(record)] = record
    return dict(sorted(found.items()))


def _one(lines: Mapping[bytes, Record]) -> Record:
    """Return equal records as one with all parents, whatever their order."""
    first, *others = lines.values()
    for other in others:
        first = merged(first, other)
    return first


def _told_apart(answers: pl.DataFrame, lines: pl.DataFrame, spool: Path) -> pl.DataFrame:
    """Return every reading once, under a key of its own, sorted by it."""
    import polars as pl

    shared = pl.col("key").is_duplicated()
    alone, several = answers.filter(~shared), answers.filter(shared)
    spots = _spots(lines.join(several, on="answer", how="semi"), "answer")
    said = several.select("answer", "reason", "detail")
    said = said.join(spots, on="answer", how="left", maintain_order="left")
    with open(spool, "rb") as file:
        digests = [
            _digest(reason, detail, _spooled(file, offsets or (), lengths or ()))
            for _, reason, detail, offsets, lengths in said.iter_rows()
        ]
    several = several.with_columns(digest=pl.Series(digests, dtype=pl.String))
    several = several.unique(["key", "digest"], keep="first", maintain_order=True)
    short = pl.format("{}#{}", "key", pl.col("digest").str.slice(0, 8))
    key = pl.when(pl.col("key").is_duplicated()).then(short).otherwise("key")
    return pl.concat([alone, several.with_columns(key=key).drop("digest")]).sort("key")


def _spots(lines: pl.DataFrame, of: str) -> pl.DataFrame:
    """Return where the lines of an answer or a record stand in the spool."""
    return lines.group_by(of).agg("offset", "length")


def _digest(reason: str, detail: str, lines: Iterable[bytes]) -> str:
    """Return a hash of what a reading says, 16 hex digits."""
    digest = xxhash.xxh3_64(f"{reason}\n{detail}\n".encode())
    for line in lines:
        digest.update(line + b"\n")
    return digest.hexdigest()
