"""Data frames built row by row, without keeping Python objects of old rows."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import Any, Generic, TypeVar

import polars as pl

BATCH = 16_384


class ColumnBuilder:
    """A data frame under construction; `schema` maps a column to its Polars type.

    Rows not yet in the frame are kept in one flat list: every n-th value of it is a column, which
    is much faster than transposing rows.
    """

    def __init__(self, schema: Mapping[str, Any]) -> None:
        self._schema = dict(schema)
        self._values: list[Any] = []
        self._full = BATCH * len(self._schema)
        self._done: list[pl.DataFrame] = []

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
        self._done.append(pl.DataFrame(columns))
        self._values = []

    def frame(self) -> pl.DataFrame:
        """Return all rows added so far as a data frame."""
        self._flush()
        return pl.concat(self._done)


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


def recoded(frame: pl.DataFrame, column: str, codes: Sequence[int]) -> pl.DataFrame:
    """Return a frame with the integer codes of a column replaced: `codes[old]` is the new code."""
    new = pl.Series(column, codes, frame.schema[column])
    return frame.with_columns(new.gather(frame[column]).alias(column))
