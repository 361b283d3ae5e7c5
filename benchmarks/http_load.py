"""Load on a server over HTTP: connections that stay open and ask again once they were answered.

The client is Python on the same machine, so that all rates have its share in them.
"""

from __future__ import annotations

import itertools
import socket
import subprocess
import threading
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Load:
    """What a server did: requests, seconds, each request's ms, and answers that were not 200."""

    requests: int
    seconds: float
    ms: list[float]
    errors: int

    def line(self, batch: int) -> str:
        """Return tasks and requests a second, p50 and p99 in ms, errors."""
        ordered = sorted(self.ms)
        p50, p99 = ordered[len(ordered) // 2], ordered[int(len(ordered) * 0.99)]
        rate = self.requests / self.seconds
        return f"{rate * batch:9,.0f} {rate:8,.0f} {p50:7.1f} {p99:7.1f} {self.errors:6}"


def load(port: int, bodies: Sequence[bytes], connections: int, seconds: float) -> Load:
    """Ask for `seconds` over so many connections, each asking again once it was answered."""
    end = time.perf_counter() + seconds
    turns = itertools.cycle(range(len(bodies)))
    ms: list[float] = []
    errors: list[int] = []

    def work() -> None:
        with socket.create_connection(("127.0.0.1", port)) as line, line.makefile("rb") as answer:
            line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            while (began := time.perf_counter()) < end:
                line.sendall(bodies[next(turns)])
                status, length, closing = answer.readline(), 0, False
                while (header := answer.readline().lower()) not in (b"\r\n", b""):
                    if header.startswith(b"content-length:"):
                        length = int(header[15:])
                    closing |= header.startswith(b"connection: close")
                answer.read(length)
                ms.append(1000 * (time.perf_counter() - began))
                if b" 200 " not in status:
                    errors.append(1)
                if closing:
                    return work()

    began = time.perf_counter()
    threads = [threading.Thread(target=work) for _ in range(connections)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return Load(len(ms), time.perf_counter() - began, ms, len(errors))


@contextmanager
def running_server(command: Sequence[object], port: int, **where: Any) -> Iterator[int]:
    """Run a server until the end of the block; yield its process once it is healthy."""
    process = subprocess.Popen([str(part) for part in command], **where)
    try:
        for _ in range(300):
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=1).read()
                break
            except OSError:
                if process.poll() is not None:
                    raise SystemExit(f"{command[0]} ended with {process.returncode}") from None
                time.sleep(0.2)
        yield process.pid
    finally:
        process.terminate()
        process.wait()


def free_port() -> int:
    """Return a port of this machine that nothing listens on."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]
