"""The engine of a cluster: Dask distributed, by plain tasks.

Tasks and not Dask's own data frames: what passes between two workers stays a frame of Polars, so no
type becomes another one, and neither pandas nor Arrow is needed. A task that was lost with its
worker is computed again from those before it, which all are functions of files.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl
from dask.delayed import delayed
from dask.sizeof import sizeof

from goldleaf.curation.engines.engine import PARTITIONS, Finished, Kernel, Schema, unreported
from goldleaf.curation.engines.local import PATH, partitions
from goldleaf.curation.engines.same_environment import require_same_environment


@dataclass(frozen=True)
class Tasks:
    """Frames that are not computed yet: `frames`, a task each; `schema`: of all of them."""

    frames: Sequence[Any]
    schema: Schema


@dataclass(frozen=True)
class DaskEngine:
    """Runs kernels on the workers of a cluster.

    Attributes:
        compute: returns what tasks give, in their order
            (`goldleaf.curation.engines.dask_cluster.Cluster.compute`).
        environment: what each worker must have (`same_environment.environment`), looked at in each
            task because workers may join at any time.
    """

    compute: Callable[[Sequence[Any]], list[pl.DataFrame]]
    environment: Mapping[str, str]

    def source(self, paths: Sequence[str]) -> Tasks:
        """Return frames of one row, the column `path`."""
        return Tasks([_task(_path_frame)(path) for path in paths], PATH)

    def map(self, data: Tasks, kernel: Kernel, schema: Schema) -> Tasks:
        """Return what a kernel makes of each frame."""
        own = delayed(kernel, pure=False)  # one task, so that it is sent to each worker once
        return Tasks([_task(_apply)(own, self.environment, each) for each in data.frames], schema)

    def exchange(self, data: Tasks, kernel: Kernel, schema: Schema) -> Tasks:
        """Bring rows with the same `p` together; empty partitions reach no kernel."""
        own = delayed(kernel, pure=False)
        split = [_task(_split, PARTITIONS)(self.environment, frame) for frame in data.frames]
        columns = dict(schema)
        found = [
            _task(_apply_joined)(own, self.environment, columns, [parts[number] for parts in split])
            for number in range(PARTITIONS)
        ]
        return Tasks(found, schema)

    def union(self, one: Tasks, other: Tasks) -> Tasks:
        """Return the frames of both."""
        return Tasks([*one.frames, *other.frames], one.schema)

    def collect(self, data: Tasks, finished: Finished = unreported) -> pl.DataFrame:
        """Return all rows."""
        found = self.compute(data.frames)
        for _ in found:
            finished()
        return pl.concat([pl.DataFrame(schema=dict(data.schema)), *found])


def _task(function: Callable[..., Any], parts: int | None = None) -> Callable[..., Any]:
    """Return a function whose call is a task of its own, giving one thing or a list of `parts`."""
    return delayed(function, pure=False, nout=parts)


def _path_frame(path: str) -> pl.DataFrame:
    return pl.DataFrame({"path": [path]})


def _apply(kernel: Kernel, environment: Mapping[str, str], frame: pl.DataFrame) -> pl.DataFrame:
    require_same_environment(environment)
    return kernel(frame)


def _split(environment: Mapping[str, str], frame: pl.DataFrame) -> list[pl.DataFrame | None]:
    """Return the rows of each partition, or None."""
    require_same_environment(environment)
    found = dict(partitions(frame))
    return [found.get(number) for number in range(PARTITIONS)]


def _apply_joined(
    kernel: Kernel,
    environment: Mapping[str, str],
    schema: Schema,
    parts: Sequence[pl.DataFrame | None],
) -> pl.DataFrame:
    require_same_environment(environment)
    rows = [part for part in parts if part is not None]
    return kernel(pl.concat(rows)) if rows else pl.DataFrame(schema=schema)


def _frame_bytes(frame: pl.DataFrame) -> int:
    return int(frame.estimated_size())


sizeof.register(pl.DataFrame, _frame_bytes)  # else a worker thinks a frame takes 48 bytes
