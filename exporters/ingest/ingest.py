"""Read all inputs once into tables of examples and rows.

Equal records can only be merged once all input is read. So the line of each record is kept in a
spill file; the few records with duplicates are merged and built again at the end, and what their
duplicates had become is discarded.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl
import xxhash

from goldleaf.core.input_results import InputResult
from goldleaf.core.record_hash import merge_records
from goldleaf.core.records import Record
from goldleaf.core.records_jsonl import from_line, to_line
from goldleaf.exporters.ingest.build_examples import IngestConfig, open_builder
from goldleaf.exporters.ingest.contributors import Contributor
from goldleaf.exporters.ingest.example_tables import ExampleTables, concat_passes_tables
from goldleaf.exporters.ingest.parallel_read import ParallelRead, read_all
from goldleaf.exporters.ingest.read_pass import PassTables, concat_passes
from goldleaf.exporters.ingest.spill_files import LINES, SpillReader
from goldleaf.exporters.ingest.spilled_table import BATCH, SpilledTable, SpilledTableWriter

Progress = Callable[[str, int], None]
"""Called with the name of a stage and how many inputs it has done."""


def no_progress(stage: str, done: int) -> None:
    """Do nothing; the default where progress is not reported."""


@dataclass(frozen=True)
class Ingested:
    """Tables of all inputs: answers, records and the examples made from them.

    `answers`: the columns of `PassTables.answers`, each input once, sorted by key, and `answer` is
    its place; `links`: answer, arrival; `records`: the ids of the records as 16 bytes, sorted, so
    that an `arrival` is a place in it; `tables`: what these records became, and no others.
    """

    answers: SpilledTable
    links: pl.DataFrame
    records: pl.Series
    tables: ExampleTables
    contributors: Sequence[Contributor]

    def rejected(self) -> pl.DataFrame:
        """Return annotation and stamp of the rejected annotations (`settle`)."""
        return self.answers.load("annotation", "stamp", where=pl.col("annotation") > 0)


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
    again: list[tuple[bytes, int]] = []
    with SpillReader(config.folder, LINES) as spilled, open_builder(config, number) as builder:
        answers, kept = _unique_inputs(all_of, spilled, config)
        lines = all_of.lines.load("arrival", "answer", "record")
        arrived = lines.join(kept, on="answer").drop("answer")
        del lines, kept
        several = pl.len().over("record") > 1
        alone = arrived.filter(~several).select("record", "arrival")
        twice = arrived.filter(several).select("record", "arrival")
        for place, (identity, *spots) in enumerate(_spots(all_of, twice, "record")):
            builder.build(place, identity.hex(), _merged(_read_lines(spilled, *spots)))
            again.append((identity, arrival + place))
        merged_tables = builder.done()
    schema = {"record": pl.Binary, "arrival": pl.UInt32}
    records = pl.concat([alone, pl.DataFrame(again, schema, orient="row")]).sort("record")
    records = records.with_row_index("number")
    named = arrived.join(records.select("record", "number"), on="record")
    links = named.select(answer="key", arrival="number").unique()
    del arrived, named
    tables = concat_passes_tables([(0, all_of.tables), (arrival, merged_tables)])
    numbers = pl.repeat(None, arrival + len(again), dtype=pl.UInt32, eager=True)
    numbers = numbers.scatter(records["arrival"], records["number"])
    return Ingested(
        answers, links, records["record"], tables.numbered(numbers), all_of.contributors
    )


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
    return merge_records(*lines.values())


def _unique_inputs(
    all_of: PassTables, spilled: SpillReader, config: IngestConfig
) -> tuple[SpilledTable, pl.DataFrame]:
    """Return every input once, each under a unique key, sorted by it; and the place of each.

    The places: answer (as in `all_of`), key (the place among the sorted keys).
    """
    answers = all_of.answers.load("answer", "key")
    shared = pl.col("key").is_duplicated()
    alone, several = answers.filter(~shared), answers.filter(shared)
    del answers
    once = pl.concat([alone, _named_apart(all_of, several, spilled)]).sort("key")
    del alone
    places = once.select("answer", key=pl.int_range(pl.len(), dtype=pl.UInt32))
    return _sorted_inputs(all_of.answers, once, config), places


SORTED = 16_384
"""Inputs whose texts are in memory at once while they are sorted."""


def _sorted_inputs(answers: SpilledTable, once: pl.DataFrame, config: IngestConfig) -> SpilledTable:
    """Return the inputs of `once` (answer, key) in its order and with its keys.

    Each goes to the file of its range of places, and these are sorted one after the other.
    """
    place_of = pl.repeat(None, answers.height, dtype=pl.UInt32, eager=True)
    place_of = place_of.scatter(once["answer"], pl.int_range(once.height, eager=True))
    files = [config.folder / f"answers.{n}.sorting" for n in range(-(-once.height // SORTED))]
    ranges = [SpilledTableWriter(answers.schema, file) for file in files]
    for frame in _in_large_frames(answers):
        place = place_of.gather(frame["answer"])
        frame = frame.with_columns(answer=place).filter(place.is_not_null())
        for (number,), part in frame.group_by(pl.col("answer") // SORTED):
            ranges[int(number)].write(part)
    table = SpilledTableWriter(answers.schema, config.folder / "answers.table")
    for start, (file, written) in enumerate(zip(files, ranges, strict=True)):
        ordered = written.table().load().sort("answer")
        ordered = ordered.with_columns(once["key"].slice(start * SORTED, SORTED))
        for batch in ordered.iter_slices(BATCH):
            table.write(batch)
        file.unlink()
    return table.table()


def _in_large_frames(table: SpilledTable) -> Iterator[pl.DataFrame]:
    """Yield a table in frames of about `SORTED` rows."""
    found: list[pl.DataFrame] = []
    for frame in table.frames():
        found.append(frame)
        if sum(each.height for each in found) >= SORTED:
            yield pl.concat(found)
            found.clear()
    if found:
        yield pl.concat(found)


def _named_apart(all_of: PassTables, several: pl.DataFrame, spilled: SpillReader) -> pl.DataFrame:
    """Return inputs of which others have the key: each content once, under a key of its own.

    `several`: answer, key.
    """
    answers = several["answer"].implode()
    lines = all_of.lines.load("arrival", "answer", where=pl.col("answer").is_in(answers))
    spots = {answer: spots for answer, *spots in _spots(all_of, lines, "answer")}
    where = pl.col("answer").is_in(answers)
    texts = all_of.answers.load("answer", "reason", "detail", where=where)
    texts = several.join(texts, on="answer", how="left", maintain_order="left")
    digests = [
        _digest(reason, detail, _read_lines(spilled, *spots.get(answer, ((), ()))))
        for answer, reason, detail in texts.select("answer", "reason", "detail").iter_rows()
    ]
    several = several.with_columns(digest=pl.Series(digests, dtype=pl.String))
    several = several.unique(["key", "digest"], keep="first", maintain_order=True)
    short = pl.format("{}#{}", "key", pl.col("digest").str.slice(0, 8))
    key = pl.when(pl.col("key").is_duplicated()).then(short).otherwise("key")
    return several.with_columns(key=key).drop("digest")


def _spots(
    all_of: PassTables, wanted: pl.DataFrame, of: str
) -> Iterator[tuple[Any, Sequence[int], Sequence[int]]]:
    """Yield each value of the column `of` with offsets and lengths of its spilled lines.

    `wanted`: `of` and the arrivals of the lines.
    """
    if wanted.height:
        of_wanted = pl.col("arrival").is_in(wanted["arrival"].implode())
        found = all_of.lines.load("arrival", "offset", "length", where=of_wanted)
        found = wanted.join(found, on="arrival").group_by(of).agg("offset", "length")
        yield from found.iter_rows()


def _digest(reason: str, detail: str, lines: Iterable[bytes]) -> str:
    """Return a hash of an input's content, 16 hex digits."""
    digest = xxhash.xxh3_64(f"{reason}\n{detail}\n".encode())
    for line in lines:
        digest.update(line + b"\n")
    return digest.hexdigest()
