"""One pass over some inputs: a table of inputs, the lines of their records, and example tables."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import BinaryIO

import polars as pl

from goldleaf.agreement.votes import annotation_hash, stamp_of
from goldleaf.core.errors import BadRow
from goldleaf.core.escape_invisible import replace_surrogates
from goldleaf.core.input_results import InputResult
from goldleaf.core.record_hash import record_id
from goldleaf.core.records import Record
from goldleaf.core.records_jsonl import to_line
from goldleaf.exporters.ingest.build_examples import ExampleBuilder, IngestConfig, open_builder
from goldleaf.exporters.ingest.column_builder import Codes, ColumnBuilder
from goldleaf.exporters.ingest.contributors import (
    Contributor,
    contributor_of,
    original_places,
    settled_tasks,
)
from goldleaf.exporters.ingest.example_tables import ExampleTables, concat_passes_tables
from goldleaf.exporters.ingest.spill_files import (
    LINES,
    first_offset,
    open_spill_file,
    table_file,
)
from goldleaf.exporters.ingest.spilled_table import SpilledTable, concat_tables, recoded, shifted


@dataclass(frozen=True)
class PassTables:
    """The tables of one reading pass (one process): inputs, lines of records, examples.

    `answers`: answer (index), key, reason, detail, contributor (index in `contributors`), places,
    settles (tasks), and of a rejected annotation its hash and stamp (as votes have them, else 0 and
    null);
    `lines`: arrival, answer, record (its id as 16 bytes), offset and length (in the spill files)
    of every record.
    """

    answers: SpilledTable
    lines: SpilledTable
    tables: ExampleTables
    contributors: Sequence[Contributor]


@contextmanager
def open_pass(config: IngestConfig, number: int) -> Generator[PassReader]:
    """Open the spill files of a reading pass; `number` is part of their names."""
    with (
        open_spill_file(config.folder, LINES, number) as file,
        open_builder(config, number) as builder,
    ):
        yield PassReader(builder, file, config, number)


class PassReader:
    """Reads inputs one by one into tables and spill files."""

    def __init__(
        self, builder: ExampleBuilder, file: BinaryIO, config: IngestConfig, number: int
    ) -> None:
        small, text = pl.UInt32, pl.String
        self._builder, self._file, self._end = builder, file, first_offset(number)
        self._answers = ColumnBuilder(
            {
                **{"answer": small, "key": text, "reason": pl.Categorical, "detail": text},
                **{"contributor": small, "places": text, "settles": text},
                **{"annotation": pl.UInt64, "stamp": pl.Int64},
            },
            table_file(config.folder, "answers", number),
        )
        line = {"arrival": small, "answer": small, "record": pl.Binary}
        place = {"offset": pl.UInt64, "length": small}
        self._lines = ColumnBuilder({**line, **place}, table_file(config.folder, "lines", number))
        self._contributors: dict[Contributor, int] = {}
        self._answer = self._arrival = 0

    def read(self, inputs: Iterable[InputResult], progress: Callable[[], None]) -> None:
        """Add inputs to the tables of this pass; `progress` is called after each input."""
        contributors, build, write = self._contributors, self._builder.build, self._file.write
        for one_input in inputs:
            lines, reason, detail = _lines(one_input)
            kept = one_input.records if lines else ()  # unwritable ones are not kept
            contributor = contributors.setdefault(contributor_of(kept), len(contributors))
            about = (contributor, original_places(kept, one_input.key), settled_tasks(kept))
            values = (self._answer, one_input.key, reason, detail, *about)
            self._answers.add(*values, *_rejected_state(one_input))
            for identity, line, record in lines:
                write(line)
                spot = (self._end, len(line))
                self._lines.add(self._arrival, self._answer, bytes.fromhex(identity), *spot)
                self._end += len(line)
                build(self._arrival, identity, record)
                self._arrival += 1
            self._answer += 1
            progress()

    def done(self) -> PassTables:
        """Return the tables of the pass; the spill files are complete."""
        self._file.flush()
        contributors, tables = tuple(self._contributors), self._builder.done()
        return PassTables(self._answers.table(), self._lines.table(), tables, contributors)


def concat_passes(several: Sequence[PassTables]) -> PassTables:
    """Return the tables of several passes concatenated, with continued numbers, shared codes."""
    contributors = Codes[Contributor]()
    answers: list[SpilledTable] = []
    lines: list[SpilledTable] = []
    tables: list[tuple[int, ExampleTables]] = []
    answer = arrival = 0
    for one in several:
        numbered = shifted(one.answers, "answer", answer)
        answers.append(recoded(numbered, "contributor", contributors.of(one.contributors)))
        lines.append(shifted(shifted(one.lines, "answer", answer), "arrival", arrival))
        tables.append((arrival, one.tables))
        answer, arrival = answer + one.answers.height, arrival + one.lines.height
    all_tables = concat_passes_tables(tables)
    return PassTables(concat_tables(answers), concat_tables(lines), all_tables, contributors.all)


def _lines(one_input: InputResult) -> tuple[list[tuple[str, bytes, Record]], str, str]:
    """Return (id, line, record) of all records, or reason and detail why none can be written.

    A line is kept as it was read; it is made canonical only when two are compared, which is rare.
    """
    if one_input.line:
        (record,) = one_input.records
        return [(record_id(record), one_input.line, record)], "", ""
    try:
        lines = [(to_line(record), record) for record in one_input.records]
    except BadRow as error:
        return [], error.reason, replace_surrogates(error.detail)
    made = [(record_id(record), line, record) for line, record in lines]
    return made, one_input.reason, replace_surrogates(one_input.detail)


def _rejected_state(one_input: InputResult) -> tuple[int, int | None]:
    """Return hash and stamp of a rejected annotation, so that no older state of it is used."""
    if one_input.parent is None or not one_input.group:
        return 0, None
    return annotation_hash(one_input.parent, one_input.group), stamp_of(one_input.parent.updated_at)
