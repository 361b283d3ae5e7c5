"""The one pass over what was read: examples and rows are made, one row of columns each stays.

A record that comes twice can only be merged once all is read. So its line is spooled, and the few
records of which there are several are made again at the end, whole; what they gave before is put
aside.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import xxhash

from goldleaf.core.input_results import InputResult
from goldleaf.core.record_hash import merged as merged_record
from goldleaf.core.records import Record
from goldleaf.core.records_jsonl import from_line, to_line
from goldleaf.exporters.census.columns import Columns
from goldleaf.exporters.census.made import Made
from goldleaf.exporters.census.made import joined as joined_made
from goldleaf.exporters.census.making import Job, making
from goldleaf.exporters.census.provenance import Hand
from goldleaf.exporters.census.spools import LINES, Spool
from goldleaf.exporters.census.taking import joined
from goldleaf.exporters.census.workers import Cutting, taken

if TYPE_CHECKING:
    import polars as pl

Progress = Callable[[str, int], None]
"""Called with the name of a stage and how many it has done."""


def silent(stage: str, done: int) -> None:
    """Tell nobody of any progress."""


@dataclass(frozen=True)
class Census:
    """What was read.

    `answers`: answer (index), key, reason, detail, hand (code in `hands`), places, annotation and
    stamp (see `Taken`); `links`: answer, record; `records`: record, arrival, one row each; `made`:
    what came of these arrivals and no others.
    """

    answers: pl.DataFrame
    links: pl.DataFrame
    records: pl.DataFrame
    made: Made
    hands: Sequence[Hand]

    def selected(self) -> Census:
        """Return what is needed once it is settled what becomes of every example."""
        return replace(self, made=self.made.examples_alone())

    def told(self) -> Census:
        """Return what is needed once the ledger is written: the examples."""
        answers, links, records = self.answers.clear(), self.links.clear(), self.records.clear()
        return Census(answers, links, records, self.made, ())


def take_in(
    readings: Iterable[InputResult],
    job: Job,
    progress: Progress | None = None,
    cutting: Cutting | None = None,
) -> Census:
    """Read everything once.

    A reading that comes twice counts once. Two different readings under one key (two files of one
    name) both count: the key then gets `#` and a hash of what was read.

    Args:
        readings: one for every input, good or bad.
        job: what is asked; its folder holds the spools.
        progress: told of the stage `read`, if anybody asks.
        cutting: how big files are read.

    Raises:
        UsageError: a file is missing or may not be read.
        GoldleafError: a process that read was killed.
    """
    import polars as pl

    read = 0

    def told(more: int) -> None:
        nonlocal read
        read += more
        if progress:
            progress("read", read)

    passes = taken(readings, job, told, cutting or Cutting())
    number, arrival = len(passes), sum(one.lines.height for one in passes)
    all_of = joined(passes)
    del passes
    again = Columns({"record": pl.String, "arrival": pl.UInt32})
    with Spool(job.folder, LINES) as spool, making(job, number) as merging:
        once = _told_apart(all_of.answers, all_of.lines, spool)
        arrived = all_of.lines.join(once.select("answer"), on="answer", how="semi")
        several = pl.len().over("record") > 1
        alone = arrived.filter(~several).select("record", "arrival")
        twice = _spots(arrived.filter(several), "record")
        for place, (identity, *spots) in enumerate(twice.iter_rows()):
            merging.make(place, identity, _one(_spooled(spool, *spots)))
            again.add(identity, arrival + place)
        merged = merging.done()
    records = pl.concat([alone, again.frame()]).sort("record")
    links = arrived.select("answer", "record").unique()
    made = joined_made([(0, all_of.made), (arrival, merged)]).only(records.select("arrival"))
    return Census(once, links, records, made, all_of.hands)


def _spooled(spool: Spool, offsets: Iterable[int], lengths: Iterable[int]) -> dict[bytes, Record]:
    """Return canonical line -> record of some lines of the spool, sorted, each once."""
    found: dict[bytes, Record] = {}
    for offset, length in zip(offsets, lengths, strict=True):
        record = from_line(spool.read(offset, length))
        found[to_line(record)] = record
    return dict(sorted(found.items()))


def _one(lines: Mapping[bytes, Record]) -> Record:
    """Return equal records as one with all parents, whatever their order."""
    first, *others = lines.values()
    for other in others:
        first = merged_record(first, other)
    return first


def _told_apart(answers: pl.DataFrame, lines: pl.DataFrame, spool: Spool) -> pl.DataFrame:
    """Return every reading once, under a key of its own, sorted by it."""
    import polars as pl

    shared = pl.col("key").is_duplicated()
    alone, several = answers.filter(~shared), answers.filter(shared)
    spots = _spots(lines.join(several, on="answer", how="semi"), "answer")
    said = several.select("answer", "reason", "detail")
    said = said.join(spots, on="answer", how="left", maintain_order="left")
    digests = [
        _digest(reason, detail, _spooled(spool, offsets or (), lengths or ()))
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
