"""One table of an export."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Table:
    """One table of an export: the rows of one format that share their keys and types.

    `max_length` is the trainer setting that keeps every row, from an estimate of their tokens.
    """

    format: str
    name: str
    rows: dict[str, int]
    max_length: int

    def file(self, side: str) -> str:
        """Return the path of one side inside OUT."""
        return f"{self.format}/{self.name}/{side}.jsonl"

    @property
    def config(self) -> str:
        """Return what `load_dataset(OUT, ...)` calls it."""
        return self.name if self.format == "trl" else f"{self.format}-{self.name}"
