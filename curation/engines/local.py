"""The engine of one machine: this process, or a pool of processes."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any

import polars as pl

from goldleaf.curation.engines.engine import PARTITION, Finished, Kernel, Schema, unreported
from goldleaf.curation.engines.process_pool import ProcessPool


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
    """Runs kernels in this process, and in those of a pool.

    Frames pass one after another, so that memory holds what an exchange collects and a few frames a
    process.
    """

    def __init__(self, pool: ProcessPool | None = None) -> None:
        self._pool = pool

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

    def collect(self, data: Frames, finished: Finished = unreported) -> pl.DataFrame:
        """Return all rows."""
        found = [pl.DataFrame(schema=dict(data.schema))]
        for frame in self._frames(data):
            found.append(frame)
            finished()
        return pl.concat(found)

    def _frames(self, data: Frames) -> Iterator[pl.DataFrame]:
        chain = _Chain(data.kernels)
        if self._pool is None:
            yield from map(chain, data.sources())
        else:
            waiting: deque[_Call] = deque()
            for frame in data.sources():
                waiting.append(_Call(chain, frame, self._pool.submit(chain, frame)))
                if len(waiting) > 2 * self._pool.processes:
                    yield _first(waiting)
            while waiting:
                yield _first(waiting)

    def _exchanged(self, data: Frames) -> Iterator[pl.DataFrame]:
        parts: dict[Any, list[pl.DataFrame]] = {}
        for frame in self._frames(data):
            for part, rows in partitions(frame):
                parts.setdefault(part, []).append(rows)
        for part in sorted(parts):
            yield pl.concat(parts.pop(part))


@dataclass
class _Call:
    """A kernel and its frame, asked of another process unless this one is sooner."""

    kernel: Kernel
    frame: pl.DataFrame
    asked: Future[pl.DataFrame]

    def taken_over(self) -> bool:
        """Call the kernel here, unless another process has begun; return whether it was called."""
        if not self.asked.cancel():
            return False
        self.asked = Future()
        self.asked.set_result(self.kernel(self.frame))
        return True


def _first(calls: deque[_Call]) -> pl.DataFrame:
    """Return the result of the first call, and remove it.

    While another process is at it this one takes over calls that wait, the last ones first.
    """
    while not calls[0].asked.done():
        if not any(call.taken_over() for call in reversed(calls)):
            break
    return calls.popleft().asked.result()


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
