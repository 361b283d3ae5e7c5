"""Tables built row by row, without keeping Python objects of old rows."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from pathlib import Path
from typing import Any, Generic, TypeVar

import polars as pl

from goldleaf.exporters.ingest.spilled_table import BATCH, SpilledTable, SpilledTableWriter


class ColumnBuilder:
    """A table under construction in a file; `schema` maps a column to its Polars type.

    Rows of a batch that is not full yet are kept in one flat list: every n-th value of it is a
    column, which is much faster than transposing rows.
    """

    def __init__(self, schema: Mapping[str, Any], file: Path) -> None:
        self._schema = dict(schema)
        self._values: list[Any] = []
        self._full = BATCH * len(self._schema)
        self._spilled = SpilledTableWriter(self._schema, file)

    def add(self, *row: Any) -> None:
        """Add one row, its values in the order of the schema."""
        self._values += row
        if len(self._values) == self._full:
            self._flush()

    def _flush(self) -> None:
        width = len(self._schema)
        columns = [
            pl.Series(name, self._values[place::width], dtype=kind)
            for place, (name, kind) in enumerate(self._schema.items())
        ]
        self._values = []
        self._spilled.write(pl.DataFrame(columns))

    def table(self) -> SpilledTable:
        """Return the table of all rows added so far."""
        self._flush()
        return self._spilled.table()


T = TypeVar("T", bound=Hashable)


class Codes(Generic[T]):
    """Integer codes for values, in the order of first appearance."""

    def __init__(self) -> None:
        self._codes: dict[T, int] = {}

    @property
    def all(self) -> tuple[T, ...]:
        """The values, each at the place of its code."""
        return tuple(self._codes)

    def of(self, values: Sequence[T]) -> list[int]:
        """Return the integer code of each value; new values get the next code."""
        return [self._codes.setdefault(value, len(self._codes)) for value in values]
