"""Large files read by several processes at once: this one and up to three more.

A file is split at line ends. A process that has read a part gets the next one, and keeps its
tables until the end. The number of processes and their parts do not change the result.

Workers are started as new interpreters: forking would copy locks that Polars' threads hold, and
`multiprocessing` would run the caller's main module once more in each of them.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait

from goldleaf.core.errors import GoldleafError, UsageError
from goldleaf.core.input_results import InputResult
from goldleaf.exporters.ingest.build_examples import IngestConfig
from goldleaf.exporters.ingest.read_pass import PassTables, open_pass
from goldleaf.exporters.ingest.record_sources import RecordsFile, SourceList

MOST = 4
"""Default limit of processes: all later steps run in one process, so more gain little."""

WORKERS = "GOLDLEAF_WORKERS"
"""The environment variable that sets how many processes read; 1 starts no other."""

POLL_EVERY = 256
"""Inputs this process reads between two polls of its workers."""


@dataclass(frozen=True, slots=True)
class ParallelRead:
    """How large files are read: number of processes, least size to split, size of a part.

    Sizes are in bytes. Starting a worker needs about a second, in which this process reads about
    20,000 lines, so it reads small files alone.
    """

    processes: int = field(default_factory=lambda: _processes())
    least: int = 24 * 2**20
    part: int = 6 * 2**20


def _processes() -> int:
    """Return how many processes read.

    Raises:
        UsageError: the environment variable is not a number.
    """
    value = os.environ.get(WORKERS, "")
    if value and not (value.isascii() and value.isdigit() and int(value)):
        raise UsageError(
            f"{value!r} is not a number of processes.", where=WORKERS, fix="write 1 or 4"
        )
    if not hasattr(signal, "pthread_sigmask"):  # Windows: no process hands a socket to another
        return 1
    return int(value) if value else min(_cores(), MOST)


def _cores() -> int:
    """Return how many cores this process may use; on macOS and Windows their total number."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


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
        """Start a worker that ignores Ctrl-C: a terminal sends it to all; this process decides."""
        ours, theirs = socket.socketpair()
        other = Connection(ours.detach())
        known = os.pathsep.join(path for path in sys.path if path)
        module = "goldleaf.exporters.ingest.read_process"
        command = f"from {module} import main; main({theirs.fileno()}, {number})"
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            self.running[other] = subprocess.Popen(
                [sys.executable, "-P", "-c", command],
                stdin=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
                env={**os.environ, "PYTHONPATH": known, "POLARS_MAX_THREADS": "1"},
            )
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
            theirs.close()
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
                raise self._killed(other) from None
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

    def _ended(self, other: Connection) -> int:
        status = self.running.pop(other).wait()
        other.close()
        return status

    def _killed(self, other: Connection) -> GoldleafError:
        status = self._ended(other)
        how = signal.Signals(-status).name if status < 0 else f"exit status {status}"
        return GoldleafError(
            f"A process that read records ended before its work was done ({how}).",
            fix=f"see whether memory ran out; {WORKERS}=1 reads in one process, with less memory",
        )
