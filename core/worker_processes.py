"""Worker processes: how many, how they are started, and how they ended.

They are started as new interpreters: forking would copy locks that Polars' threads hold, and
`multiprocessing` would run the caller's main module once more in each of them. Each is connected by
a socket, whose other end closes with the process that started it.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from multiprocessing.connection import Connection

from goldleaf.core.errors import GoldleafError, UsageError

WORKERS = "GOLDLEAF_WORKERS"
"""The environment variable that sets how many processes work; 1 starts no other."""
MOST_ASKED = 256
"""Processes that are started at most: more would be a mistake in writing."""


def worker_count(most: int, asked: int | None = None) -> int:
    """Return how many processes work: as many as are asked for, else one a core.

    Args:
        most: limit, where nobody asks for a number.
        asked: a number that goes before that of the environment.

    Raises:
        UsageError: what is asked for is no number from 1 to `MOST_ASKED`.
    """
    value, where = (os.environ.get(WORKERS, ""), WORKERS) if asked is None else (str(asked), "")
    if value and not (value.isascii() and value.isdigit() and 0 < int(value) <= MOST_ASKED):
        raise UsageError(
            f"{value!r} is not a number of processes.", where=where, fix="write 1 or 4"
        )
    if not hasattr(signal, "pthread_sigmask"):  # Windows: no process hands a socket to another
        return 1
    return int(value) if value else min(_cores(), most)


def _cores() -> int:
    """Return how many cores this process may use; on macOS and Windows their total number."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def start_worker(module: str, *numbers: int) -> tuple[Connection, subprocess.Popen[bytes]]:
    """Start a process, which calls `main(handle of its connection, *numbers)` of a module.

    It ignores Ctrl-C: a terminal sends it to all processes, and this one decides.
    """
    ours, theirs = socket.socketpair()
    other = Connection(ours.detach())
    known = os.pathsep.join(path or os.getcwd() for path in sys.path)
    arguments = ", ".join(map(str, (theirs.fileno(), *numbers)))
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        process = subprocess.Popen(
            [sys.executable, "-P", "-c", f"from {module} import main; main({arguments})"],
            stdin=subprocess.DEVNULL,
            pass_fds=[theirs.fileno()],
            env={**os.environ, "PYTHONPATH": known, "POLARS_MAX_THREADS": "1"},
        )
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
        theirs.close()
    return other, process


def killed(process: subprocess.Popen[bytes], alone: str = f"{WORKERS}=1") -> GoldleafError:
    """Return the error for a worker that closed its connection; it is waited for.

    Args:
        process: the worker.
        alone: how to ask for one process.
    """
    status = process.wait()
    how = signal.Signals(-status).name if status < 0 else f"exit status {status}"
    return GoldleafError(
        f"One of several processes ended before its work was done ({how}).",
        fix=f"see whether memory ran out; {alone} works in one process, with less memory",
    )
