"""Read all inputs once into tables of examples and rows.

Equal records can only be merged once all input is read. So the line of each record is kept in a
spill file; the few records with duplicates are merged and built again at the end, and what their
duplicates had become is discarded.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import reduce

import polars as pl
import xxhash

from goldleaf.core.input_results import InputResult
from goldleaf.core.record_hash import merge_records
from goldleaf.core.records import Record
from goldleaf.core.records_jsonl import from_line, to_line
from goldleaf.exporters.ingest.build_examples import IngestConfig, open_builder
from goldleaf.exporters.ingest.column_builder import ColumnBuilder
from goldleaf.exporters.ingest.contributors import Contributor
from goldleaf.exporters.ingest.example_tables import ExampleTables, concat_tables
from goldleaf.exporters.ingest.parallel_read import ParallelRead, read_all
from goldleaf.exporters.ingest.read_pass import concat_passes
from goldleaf.exporters.ingest.spill_files import LINES, SpillReader

Progress = Callable[[str, int], None]
"""Called with the name of a stage and how many inputs it has done."""


def no_progress(stage: str, done: int) -> None:
    """Do nothing; the default where progress is not reported."""


@dataclass(frozen=True)
class Ingested:
    """Tables of all inputs: answers, records and the examples made from them.

    `answers`: answer (index), key, reason, detail, contributor (index in `contributors`), places,
    annotation and stamp (see `PassTables`); `links`: answer, record; `records`: record, arrival,
    one row each; `tables`: what these arrivals became, and no others.
    """

    answers: pl.DataFrame
    links: pl.DataFrame
    records: pl.DataFrame
    tables: ExampleTables
    contributors: Sequence[Contributor]

    def without_rows(self) -> Ingested:
        """Return a copy without the tables of rows, to free memory once examples are selected."""
        return replace(self, tables=self.tables.examples_alone())

    def examples_alone(self) -> Ingested:
        """Return a copy with only the examples, to free memory once the ledger is written."""
        answers, links, records = self.answers.clear(), self.links.clear(), self.records.clear()
        return Ingested(answers, links, records, self.tables, ())


def ingest(
    inputs: Iterable[InputResult],
    config: IngestConfig,
    progress: Progress | None = None,
    parallel: ParallelRead | None = None,
) -> Ingested:
    """Read all inputs once into tables of answers, records and examples.

    An input that is read twice counts once. Two different inputs with the same key (two files of
    one name) both count: their keys get `#` and a hash of the content.

    Args:
        inputs: one result for every input, good or bad.
        config: what to build; its folder holds the spill files.
        progress: called with the stage `read`.
        parallel: how large files are read.

    Raises:
        UsageError: a file is missing or may not be read.
        GoldleafError: a process that reads was killed.
    """
    read = 0

    def report(more: int) -> None:
        nonlocal read
        read += more
        if progress:
            progress("read", read)

    passes = read_all(inputs, config, report, parallel or ParallelRead())
    number, arrival = len(passes), sum(one.lines.height for one in passes)
    all_of = concat_passes(passes)
    del passes
    again = ColumnBuilder({"record": pl.String, "arrival": pl.UInt32})
    with SpillReader(config.folder, LINES) as spilled, open_builder(config, number) as builder:
        once = _unique_inputs(all_of.answers, all_of.lines, spilled)
        arrived = all_of.lines.join(once.select("answer"), on="answer", how="semi")
        several = pl.len().over("record") > 1
        alone = arrived.filter(~several).select("record", "arrival")
        twice = _spots(arrived.filter(several), "record")
        for place, (identity, *spots) in enumerate(twice.iter_rows()):
            builder.build(place, identity, _merged(_read_lines(spilled, *spots)))
            again.add(identity, arrival + place)
        merged_tables = builder.done()
    records = pl.concat([alone, again.frame()]).sort("record")
    links = arrived.select("answer", "record").unique()
    tables = concat_tables([(0, all_of.tables), (arrival, merged_tables)])
    tables = tables.only(records.select("arrival"))
    return Ingested(once, links, records, tables, all_of.contributors)


def _read_lines(
    spilled: SpillReader, offsets: Iterable[int], lengths: Iterable[int]
) -> dict[bytes, Record]:
    """Return canonical line -> record of some spilled lines, sorted and distinct."""
    found: dict[bytes, Record] = {}
    for offset, length in zip(offsets, lengths, strict=True):
        record = from_line(spilled.read(offset, length))
        found[to_line(record)] = record
    return dict(sorted(found.items()))


def _merged(lines: Mapping[bytes, Record]) -> Record:
    """Return equal records as one with all parents, independent of their order."""
    return reduce(merge_records, lines.values())


def _unique_inputs(
    answers: pl.DataFrame, lines: pl.DataFrame, spilled: SpillReader
) -> pl.DataFrame:
    """Return every input once, each under a unique key, sorted by it."""
    shared = pl.col("key").is_duplicated()
    alone, several = answers.filter(~shared), answers.filter(shared)
    spots = _spots(lines.join(several, on="answer", how="semi"), "answer")
    found = several.select("answer", "reason", "detail")
    found = found.join(spots, on="answer", how="left", maintain_order="left")
    digests = [
        _digest(reason, detail, _read_lines(spilled, offsets or (), lengths or ()))
        for _, reason, detail, offsets, lengths in found.iter_rows()
    ]
    several = several.with_columns(digest=pl.Series(digests, dtype=pl.String))
    several = several.unique(["key", "digest"], keep="first", maintain_order=True)
    short = pl.format("{}#{}", "key", pl.col("digest").str.slice(0, 8))
    key = pl.when(pl.col("key").is_duplicated()).then(short).otherwise("key")
    return pl.concat([alone, several.with_columns(key=key).drop("digest")]).sort("key")


def _spots(lines: pl.DataFrame, of: str) -> pl.DataFrame:
    """Return offsets and lengths of the spilled lines of each answer or record."""
    return lines.group_by(of).agg("offset", "length")


def _digest(reason: str, detail: str, lines: Iterable[bytes]) -> str:
    """Return a hash of an input's content, 16 hex digits."""
    digest = xxhash.xxh3_64(f"{reason}\n{detail}\n".encode())
    for line in lines:
        digest.update(line + b"\n")
    return digest.hexdigest()
