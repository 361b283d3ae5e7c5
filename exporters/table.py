"""One table of an export."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Table:
    """One table of an export: the rows of one format that share their keys and types.

    `rows`: side -> rows, repeats counted; `repeats`: how many of them say an example again;
    `verdicts`: verdict of the training rows -> rows, for a table of judgements; `max_length`: the
    trainer setting that keeps every row, from an estimate of their tokens; `suffix`: how its files
    end; `ordered`: whether its rows must be trained on in their order. `format` is empty where the
    table is seen from inside its format's own folder.
    """

    format: str
    name: str
    rows: dict[str, int]
    max_length: int
    repeats: int = 0
    verdicts: Mapping[bool, int] = field(default_factory=dict[bool, int])
    suffix: str = ".jsonl"
    ordered: bool = False

    def file(self, side: str) -> str:
        """Return the path of one side inside OUT."""
        inside = f"{self.format}/" if self.format else ""
        return f"{inside}{self.name}/{side}{self.suffix}"

    @property
    def is_packed(self) -> bool:
        """Tell whether its files are no JSON Lines."""
        return self.suffix != ".jsonl"

    @property
    def config(self) -> str:
        """Return what `load_dataset(OUT, ...)` calls it."""
        return self.name if self.format in ("trl", "") else f"{self.format}-{self.name}"

    @property
    def stem(self) -> str:
        """Return the name without `_tools`: what kind of rows the table holds."""
        return self.name.removesuffix("_tools")
