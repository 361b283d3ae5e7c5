"""Columns that grow row by row, without keeping Python objects of old rows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import polars as pl

BATCH = 16_384


class Columns:
    """A frame under construction; `schema` maps a column to its Polars type.

    Waiting rows lie one after the other in one list: taking every n-th value of it gives a column
    much faster than turning rows of their own round.
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
        import polars as pl

        width = len(self._schema)
        columns = [
            pl.Series(name, self._values[place::width], dtype=kind)
            for place, (name, kind) in enumerate(self._schema.items())
        ]
        self._done.append(pl.DataFrame(columns))
        self._values = []

    def frame(self) -> pl.DataFrame:
        """Return all rows added so far."""
        import polars as pl

        self._flush()
        return pl.concat(self._done)
