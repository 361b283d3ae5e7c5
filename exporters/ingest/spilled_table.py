"""Tables on disk: written in batches of rows, read again with only the columns that are asked for.

What is read of an input is known long before it is used, and most columns are used once. So no
table is kept in memory while inputs are read, and a step loads what it looks at.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from io import BytesIO
from pathlib import Path
from typing import Any

import polars as pl

BATCH = 4_096
"""Rows of a batch: what a table under construction holds in memory."""


@dataclass(frozen=True, slots=True)
class SpilledPart:
    """The batches that one reading pass wrote, and how its numbers become those of all passes.

    `batches`: offset and length in `file`; `shifts`: column -> number to add; `codes`: column ->
    the new code at the place of the old one.
    """

    file: Path
    batches: tuple[tuple[int, int], ...]
    height: int
    shifts: Mapping[str, int] = field(default_factory=dict[str, int])
    codes: Mapping[str, Sequence[int]] = field(default_factory=dict[str, Sequence[int]])

    def frames(self, columns: Sequence[str]) -> Iterator[pl.DataFrame]:
        """Yield the batches with some columns."""
        if not self.batches:
            return
        with open(self.file, "rb") as file:
            for offset, length in self.batches:
                file.seek(offset)
                frame = pl.read_ipc_stream(BytesIO(file.read(length)), columns=list(columns))
                yield frame.with_columns(*self._renumbered(frame))

    def _renumbered(self, frame: pl.DataFrame) -> Iterator[pl.Series | pl.Expr]:
        for column, by in self.shifts.items():
            if by and column in frame.columns:
                yield pl.col(column) + pl.lit(by, frame.schema[column])
        for column, codes in self.codes.items():
            if column in frame.columns:
                new = pl.Series(column, codes, frame.schema[column])
                yield new.gather(frame[column]).alias(column)


@dataclass(frozen=True, slots=True)
class SpilledTable:
    """A table on disk: `schema` maps a column to its Polars type.

    `numbers` has the number of a record at the place of its arrival, null where the record is left
    out with all its rows: it replaces the column `arrival`.
    """

    schema: Mapping[str, Any]
    parts: tuple[SpilledPart, ...] = ()
    numbers: pl.Series | None = None

    @property
    def height(self) -> int:
        """How many rows were written, those of records that are left out too."""
        return sum(part.height for part in self.parts)

    def frames(self, *columns: str) -> Iterator[pl.DataFrame]:
        """Yield the table in batches, with these columns or all of them."""
        wanted = list(columns or self.schema)
        read = wanted if self.numbers is None else list(dict.fromkeys([*wanted, "arrival"]))
        for part in self.parts:
            for frame in part.frames(read):
                if self.numbers is not None:
                    number = self.numbers.gather(frame["arrival"]).alias("arrival")
                    frame = frame.with_columns(number).filter(number.is_not_null())
                yield frame.select(wanted)

    def load(self, *columns: str, where: pl.Expr | None = None) -> pl.DataFrame:
        """Return these columns, or all, as a data frame, of the rows that meet a condition."""
        wanted = columns or tuple(self.schema)
        empty = pl.DataFrame(schema={name: self.schema[name] for name in wanted})
        found = self.frames(*wanted)
        if where is not None:
            found = (frame.filter(where) for frame in found)
        return pl.concat([empty, *found])

    def changed(self, change: Callable[[SpilledPart], SpilledPart]) -> SpilledTable:
        """Return the table with a function applied to its parts."""
        return replace(self, parts=tuple(map(change, self.parts)))


def concat_tables(several: Sequence[SpilledTable]) -> SpilledTable:
    """Return tables of one schema, one after the other."""
    return replace(several[0], parts=tuple(part for table in several for part in table.parts))


def shifted(table: SpilledTable, column: str, by: int) -> SpilledTable:
    """Return a table with `by` added to a column of numbers."""

    def change(part: SpilledPart) -> SpilledPart:
        return replace(part, shifts={**part.shifts, column: part.shifts.get(column, 0) + by})

    return table.changed(change)


def recoded(table: SpilledTable, column: str, codes: Sequence[int]) -> SpilledTable:
    """Return a table with the codes of a column replaced: `codes[old]` is the new code."""

    def change(part: SpilledPart) -> SpilledPart:
        before = part.codes.get(column)
        new = codes if before is None else [codes[code] for code in before]
        return replace(part, codes={**part.codes, column: new})

    return table.changed(change)


class SpilledTableWriter:
    """Writes the batches of a table to a file, behind what it holds already."""

    def __init__(self, schema: Mapping[str, Any], file: Path) -> None:
        self._schema, self._file = dict(schema), file
        self._batches: list[tuple[int, int]] = []
        self._height = 0

    def write(self, frame: pl.DataFrame) -> None:
        """Write one batch; its columns are those of the schema."""
        if not frame.height:
            return
        batch = BytesIO()
        frame.write_ipc_stream(batch, compat_level=pl.CompatLevel.newest())
        with open(self._file, "ab") as file:  # not by Polars, whose errors do not say "disk full"
            self._batches.append((file.tell(), file.write(batch.getbuffer())))
        self._height += frame.height

    def table(self) -> SpilledTable:
        """Return the table of all batches written so far."""
        part = SpilledPart(self._file, tuple(self._batches), self._height)
        return SpilledTable(self._schema, (part,))
