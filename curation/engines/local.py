"""The engine of one machine: this process, or a pool of processes."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from multiprocessing.pool import AsyncResult, Pool
from types import TracebackType
from typing import Any

import polars as pl

from goldleaf.curation.engines.engine import PARTITION, Kernel, Schema


@dataclass(frozen=True)
class Frames:
    """Frames that are made when they are read, each by the same kernels.

    Attributes:
        sources: what makes the frames that the first kernel gets, picklable functions or frames.
        kernels: applied to each, the first first.
        schema: of what the last gives.
    """

    sources: Callable[[], Iterable[pl.DataFrame]]
    kernels: tuple[Kernel, ...]
    schema: Schema


@dataclass(frozen=True)
class _Chain:
    """Some kernels as one."""

    kernels: tuple[Kernel, ...]

    def __call__(self, frame: pl.DataFrame) -> pl.DataFrame:
        for kernel in self.kernels:
            frame = kernel(frame)
        return frame


class Local:
    """Runs kernels in this process, or in `processes` others.

    Frames pass one after another, so that memory holds what an exchange collects and one frame a
    process. Use it as a context manager, or call `close`, where there are other processes.
    """

    def __init__(self, processes: int = 1) -> None:
        self._pool: Pool | None = None
        self._processes = processes
        if processes > 1:
            from multiprocessing import get_context

            # Forking a process with threads (Polars has some) may lock up; spawned ones start anew.
            self._pool = get_context("spawn").Pool(processes)

    def source(self, paths: Sequence[str]) -> Frames:
        """Return frames of one row, the column `path`."""
        found = tuple(paths)
        return Frames(lambda: (pl.DataFrame({"path": [each]}) for each in found), (), PATH)

    def map(self, data: Frames, kernel: Kernel, schema: Schema) -> Frames:
        """Return what a kernel makes of each frame."""
        return Frames(data.sources, (*data.kernels, kernel), schema)

    def exchange(self, data: Frames, kernel: Kernel, schema: Schema) -> Frames:
        """Bring rows with the same `p` together; empty partitions reach no kernel."""
        return Frames(lambda: self._exchanged(data), (kernel,), schema)

    def union(self, one: Frames, other: Frames) -> Frames:
        """Return the frames of both."""

        def both() -> Iterator[pl.DataFrame]:
            yield from self._frames(one)
            yield from self._frames(other)

        return Frames(both, (), one.schema)

    def collect(self, data: Frames) -> pl.DataFrame:
        """Return all rows."""
        return pl.concat([pl.DataFrame(schema=dict(data.schema)), *self._frames(data)])

    def close(self) -> None:
        """Stop the other processes."""
        if self._pool is not None:
            self._pool.close()
            self._pool.join()
            self._pool = None

    def __enter__(self) -> Local:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if kind is not None and self._pool is not None:
            self._pool.terminate()
        self.close()

    def _frames(self, data: Frames) -> Iterator[pl.DataFrame]:
        chain = _Chain(data.kernels)
        if self._pool is None:
            yield from map(chain, data.sources())
        else:
            # Pool.imap reads the frames in a thread of its own, which may need the pool itself.
            waiting: deque[AsyncResult[pl.DataFrame]] = deque()
            for frame in data.sources():
                waiting.append(self._pool.apply_async(chain, (frame,)))
                if len(waiting) > 2 * self._processes:
                    yield waiting.popleft().get()
            while waiting:
                yield waiting.popleft().get()

    def _exchanged(self, data: Frames) -> Iterator[pl.DataFrame]:
        parts: dict[Any, list[pl.DataFrame]] = {}
        for frame in self._frames(data):
            for part, rows in partitions(frame):
                parts.setdefault(part, []).append(rows)
        for part in sorted(parts):
            yield pl.concat(parts.pop(part))


PATH = {"path": pl.String}


def partitions(frame: pl.DataFrame) -> Iterator[tuple[int, pl.DataFrame]]:
    """Yield each partition of a frame and its rows; where they are in order, without a copy."""
    places = frame[PARTITION]
    if not places.is_sorted():
        for (part,), rows in frame.partition_by(PARTITION, as_dict=True).items():
            yield part, rows
        return
    lengths = places.rle().struct.unnest()
    start = 0
    for length, part in lengths.iter_rows():
        yield part, frame.slice(start, length)
        start += length
