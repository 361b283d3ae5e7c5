"""The five verbs of an engine. A screen that compares records is kernels joined by them.

A kernel is a function from a Polars frame to a Polars frame; it can be pickled and sees nothing of
the engine. Frames between kernels have columns of Int32, Int64, Float64, String, Boolean or Binary
only, because engines disagree about the others (Spark has no unsigned numbers, Arrow, pandas and
Daft have different lists).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

import polars as pl

Kernel = Callable[[pl.DataFrame], pl.DataFrame]
Finished = Callable[[], None]
"""Called when a frame of those that are collected is there."""
Schema = Mapping[str, Any]

PARTITION = "p"
"""The column that `exchange` groups by: a kernel computes it, from 0 to `PARTITIONS` - 1.

So the result does not depend on how many machines there are, and millions of small groups never
become calls: the next kernel groups inside its partition.
"""
PARTITIONS = 16


class Engine(Protocol):
    """What distributes frames; `Any` stands for its own kind of distributed frame."""

    def source(self, paths: Sequence[str]) -> Any:
        """Return frames of one row, the column `path`."""
        ...

    def map(self, data: Any, kernel: Kernel, schema: Schema) -> Any:
        """Return what a kernel, that gives `schema`, makes of each frame; it is called late."""
        ...

    def exchange(self, data: Any, kernel: Kernel, schema: Schema) -> Any:
        """Bring rows with the same `p` into one frame and return what a kernel makes of each."""
        ...

    def union(self, one: Any, other: Any) -> Any:
        """Return the frames of both; they have the same schema."""
        ...

    def collect(self, data: Any, finished: Finished = ...) -> pl.DataFrame:
        """Return all rows, in no particular order; `finished` is called after each frame."""
        ...


def unreported(*done: float) -> None:
    """Report nothing of what is done."""
