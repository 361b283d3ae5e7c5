"""Columns that grow row by row, without keeping Python objects of old rows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import polars as pl

BATCH = 65_536


class Columns:
    """A frame under construction; `schema` maps a column to its Polars type."""

    def __init__(self, schema: Mapping[str, Any]) -> None:
        self._schema = dict(schema)
        self._rows: list[tuple[Any, ...]] = []
        self._done: list[pl.DataFrame] = []

    def add(self, *row: Any) -> None:
        """Add one row, its values in the order of the schema."""
        self._rows.append(row)
        if len(self._rows) == BATCH:
            self._flush()

    def _flush(self) -> None:
        import polars as pl

        values = zip(*self._rows, strict=True) if self._rows else ((),) * len(self._schema)
        columns = zip(self._schema.items(), values, strict=True)
        self._done.append(pl.DataFrame([pl.Series(n, v, dtype=t) for (n, t), v in columns]))
        self._rows = []

    def frame(self) -> pl.DataFrame:
        """Return all rows added so far."""
        import polars as pl

        self._flush()
        return pl.concat(self._done)
