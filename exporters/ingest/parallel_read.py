"""Large files read by several processes at once: this one and up to three more.

A file is split at line ends. A process that has read a part gets the next one, and keeps its
tables until the end. The number of processes and their parts do not change the result.
"""

from __future__ import annotations

import subprocess
from collections import deque
from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait

from goldleaf.core.input_results import InputResult
from goldleaf.core.worker_processes import killed, start_worker, worker_count
from goldleaf.exporters.ingest.build_examples import IngestConfig
from goldleaf.exporters.ingest.read_pass import PassTables, open_pass
from goldleaf.exporters.ingest.record_sources import RecordsFile, SourceList

MOST = 4
"""Default limit of processes: all later steps run in one process, so more gain little."""

POLL_EVERY = 256
"""Inputs this process reads between two polls of its workers."""


@dataclass(frozen=True, slots=True)
class ParallelRead:
    """How large files are read: number of processes, least size to split, size of a part.

    Sizes are in bytes. Starting a worker needs about a second, in which this process reads about
    20,000 lines, so it reads small files alone.
    """

    processes: int = field(default_factory=lambda: worker_count(MOST))
    least: int = 24 * 2**20
    part: int = 6 * 2**20


def read_all(
    inputs: Iterable[InputResult],
    config: IngestConfig,
    progress: Callable[[int], None],
    parallel: ParallelRead,
) -> list[PassTables]:
    """Read all sources in parallel; return the tables of each process, this one's first.

    Args:
        inputs: a source, or several (`SourceList`); records files among them can be split.
        config: what to build.
        progress: called with how many more inputs were read.
        parallel: how large files are read.

    Raises:
        GoldleafError: a worker was killed, or the error that it raised.
    """
    sources = inputs.sources if isinstance(inputs, SourceList) else (inputs,)
    big = [
        source
        for source in sources
        if isinstance(source, RecordsFile) and source.size() >= max(parallel.least, 1)
    ]
    others = parallel.processes - 1 if big else 0
    with open_pass(config, 0) as own, _workers(others, config, progress) as workers:
        left = list(sources)
        if workers.running:
            cut = {id(source): source.parts(parallel.part) for source in big}
            workers.parts += [part for source in big for part in cut[id(source)]]
            left = [source for source in sources if not cut.get(id(source))]
        read = 0

        def step() -> None:
            nonlocal read
            read += 1
            progress(1)
            if not read % POLL_EVERY:
                workers.poll()

        for source in left:
            own.read(source, step)
        while workers.parts:
            workers.poll()
            own.read(workers.parts.popleft() if workers.parts else (), step)
        workers.finish()
        return [own.done(), *workers.results]


@contextmanager
def _workers(
    count: int, config: IngestConfig, progress: Callable[[int], None]
) -> Generator[_Workers]:
    """Start `count` workers; all are ended on exit, also after an error."""
    workers = _Workers(progress)
    try:
        for number in range(1, count + 1):
            workers.start(config, number)
        yield workers
    finally:
        workers.end()


class _Workers:
    """Running workers; `parts`: not yet given to one; `results`: their tables."""

    def __init__(self, progress: Callable[[int], None]) -> None:
        self.parts = deque[RecordsFile]()
        self.results: list[PassTables] = []
        self.running: dict[Connection, subprocess.Popen[bytes]] = {}
        self._idle: list[Connection] = []
        self._progress = progress

    def start(self, config: IngestConfig, number: int) -> None:
        """Start a worker."""
        other, process = start_worker("goldleaf.exporters.ingest.read_process", number)
        self.running[other] = process
        other.send(config)

    def poll(self, seconds: float | None = 0) -> None:
        """Receive messages for at most `seconds` (None: any time); send parts to idle workers.

        Raises:
            GoldleafError: a worker was killed, or the error that it raised.
        """
        for other in wait(list(self.running), seconds):
            assert isinstance(other, Connection)
            try:
                message = other.recv()
            except (EOFError, ConnectionError):
                raise killed(self._ended(other)) from None
            if isinstance(message, BaseException):
                raise message
            if isinstance(message, PassTables):
                self.results.append(message)
                self._ended(other)
            elif message is None:
                self._idle.append(other)
            else:
                self._progress(message)
        while self._idle and self.parts:
            self._idle.pop().send(self.parts.popleft())

    def finish(self) -> None:
        """Wait until all workers have sent their tables."""
        while self.running:
            while self._idle:
                self._idle.pop().send(None)
            self.poll(None)

    def end(self) -> None:
        """Kill all workers that still run."""
        for process in self.running.values():
            process.kill()
        for other in list(self.running):
            self._ended(other)

    def _ended(self, other: Connection) -> subprocess.Popen[bytes]:
        process = self.running.pop(other)
        process.wait()
        other.close()
        return process
