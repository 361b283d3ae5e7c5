"""Processes that call functions for this one, the next call to the first that is free."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Callable
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from multiprocessing.connection import Connection
from types import TracebackType
from typing import Any

from goldleaf.core.errors import GoldleafError
from goldleaf.core.worker_processes import killed, start_worker

_ALONE = "--processes 1"
_MODULE = "goldleaf.curation.engines.pool_process"


class ProcessPool:
    """Up to `processes` others, each started when there is a first call for it.

    Use it as a context manager: its processes are ended with it, whatever they do then.
    """

    def __init__(self, processes: int) -> None:
        self.processes = processes
        self._threads = ThreadPoolExecutor(processes, thread_name_prefix="goldleaf-pool")
        self._of_thread = threading.local()
        self._lock, self._closed = threading.Lock(), False
        self._started: list[tuple[Connection, subprocess.Popen[bytes]]] = []

    def submit(self, function: Callable[..., Any], *arguments: Any) -> Future[Any]:
        """Have a process call a function that can be pickled, with such arguments.

        The result, or error, is that of the call; a GoldleafError if the process was killed.
        """
        return self._threads.submit(self._call, function, arguments)

    def start(self, function: Callable[[], Any]) -> None:
        """Start all processes, and have each call a function first that loads what they need."""
        for _ in range(self.processes):
            self.submit(function)

    def _call(self, function: Callable[..., Any], arguments: tuple[Any, ...]) -> Any:
        # Each thread has a process of its own, and waits for it.
        if not hasattr(self._of_thread, "worker"):
            with self._lock:
                if self._closed:
                    raise CancelledError
                try:
                    self._of_thread.worker = start_worker(_MODULE)
                except OSError as error:
                    what = f"No further process can be started: {error.strerror}."
                    raise GoldleafError(what, fix=f"work in one process: {_ALONE}") from error
                self._started.append(self._of_thread.worker)
        connection, process = self._of_thread.worker
        try:
            connection.send((function, arguments))
            answered, result = connection.recv()
        except (EOFError, OSError):
            raise killed(process, _ALONE) from None
        if not answered:
            raise result
        return result

    def __enter__(self) -> ProcessPool:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with self._lock:
            self._closed = True
        for _, process in self._started:
            process.kill()
        self._threads.shutdown(cancel_futures=True)
        for connection, process in self._started:
            process.wait()
            connection.close()
