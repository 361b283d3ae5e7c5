"""Big files read by several processes at once: this one and, where there are cores, up to three.

A file is cut at line ends. Whoever has read a part takes the next one, and each process keeps what
it took until the end; how many they are and who read what changes nothing in what comes out.

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
from goldleaf.exporters.census.making import Job
from goldleaf.exporters.census.readings import RecordsFile, Together
from goldleaf.exporters.census.taking import Taken, taking

MOST = 4
"""Processes, where nobody says another number: what follows the reading is one process's work."""

WORKERS = "GOLDLEAF_WORKERS"
"""The environment says here how many processes read; 1 starts none."""

LOOKED = 256
"""Readings of our own between two looks at what the workers say."""


@dataclass(frozen=True, slots=True)
class Cutting:
    """How big files are read: by how many processes, from what size on, in parts of what size.

    Sizes are in bytes. A worker takes about a second to start, in which this process reads some
    twenty thousand lines; so small files are read by it alone.
    """

    processes: int = field(default_factory=lambda: _processes())
    least: int = 24 * 2**20
    part: int = 6 * 2**20


def _processes() -> int:
    """Return how many processes read.

    Raises:
        UsageError: the environment does not say a number.
    """
    said = os.environ.get(WORKERS, "")
    if said and not (said.isascii() and said.isdigit() and int(said)):
        raise UsageError(f"{said!r} is no number of processes.", where=WORKERS, fix="write 1 or 4")
    if not hasattr(signal, "pthread_sigmask"):  # Windows: no process hands a socket to another
        return 1
    return int(said) if said else min(_cores(), MOST)


def _cores() -> int:
    """Return how many cores are ours; macOS and Windows tell only how many there are."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def taken(
    readings: Iterable[InputResult], job: Job, told: Callable[[int], None], cutting: Cutting
) -> list[Taken]:
    """Read all sources; return what each process took, this one's first.

    Args:
        readings: a source, or several (`Together`); records files among them can be cut.
        job: what is asked.
        told: called with how many more readings were read.
        cutting: how big files are read.

    Raises:
        GoldleafError: a worker was killed, or what was wrong there.
    """
    sources = readings.sources if isinstance(readings, Together) else (readings,)
    big = [
        source
        for source in sources
        if isinstance(source, RecordsFile) and source.size() >= max(cutting.least, 1)
    ]
    with taking(job, 0) as own, _workers(cutting.processes - 1 if big else 0, job, told) as workers:
        left = list(sources)
        if workers.running:
            cut = {id(source): source.parts(cutting.part) for source in big}
            workers.parts += [part for source in big for part in cut[id(source)]]
            left = [source for source in sources if not cut.get(id(source))]
        read = 0

        def step() -> None:
            nonlocal read
            read += 1
            told(1)
            if not read % LOOKED:
                workers.hear()

        for source in left:
            own.read(source, step)
        while workers.parts:
            workers.hear()
            own.read(workers.parts.popleft() if workers.parts else (), step)
        workers.finish()
        return [own.done(), *workers.took]


@contextmanager
def _workers(count: int, job: Job, told: Callable[[int], None]) -> Generator[_Workers]:
    """Start so many workers; none is left at the end, however it comes."""
    workers = _Workers(told)
    try:
        for number in range(1, count + 1):
            workers.start(job, number)
        yield workers
    finally:
        workers.end()


class _Workers:
    """Workers at work: `parts` is what nobody has begun to read, `took` what they took."""

    def __init__(self, told: Callable[[int], None]) -> None:
        self.parts = deque[RecordsFile]()
        self.took: list[Taken] = []
        self.running: dict[Connection, subprocess.Popen[bytes]] = {}
        self._idle: list[Connection] = []
        self._told = told

    def start(self, job: Job, number: int) -> None:
        """Start one, deaf to Ctrl-C: a terminal tells it to all, but this process decides."""
        ours, theirs = socket.socketpair()
        other = Connection(ours.detach())
        known = os.pathsep.join(path for path in sys.path if path)
        command = (
            f"from goldleaf.exporters.census.worker import main; main({theirs.fileno()}, {number})"
        )
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
        other.send(job)

    def hear(self, seconds: float | None = 0) -> None:
        """Listen to all for so long at most, None for any time; give parts to those who want one.

        Raises:
            GoldleafError: a worker was killed, or what was wrong there.
        """
        for other in wait(list(self.running), seconds):
            assert isinstance(other, Connection)
            try:
                said = other.recv()
            except (EOFError, ConnectionError):
                raise self._killed(other) from None
            if isinstance(said, BaseException):
                raise said
            if isinstance(said, Taken):
                self.took.append(said)
                self._ended(other)
            elif said is None:
                self._idle.append(other)
            else:
                self._told(said)
        while self._idle and self.parts:
            self._idle.pop().send(self.parts.popleft())

    def finish(self) -> None:
        """Wait until all have handed over what they took."""
        while self.running:
            while self._idle:
                self._idle.pop().send(None)
            self.hear(None)

    def end(self) -> None:
        """Kill whoever still runs."""
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
