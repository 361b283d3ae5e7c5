"""A fault proxy: a real HTTP proxy of ours before a real Label Studio, which spoils some answers.

What it forwards is answered by the real server behind it; only the network in between is made bad,
by a seeded random source, so that a failing run can be repeated.
"""

from __future__ import annotations

import http.client
import random
import re
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal, TypeVar
from urllib.parse import urlsplit

from goldleaf.core.errors import GoldleafError

Fault = Literal[
    "closed before",
    "closed after",
    "cut",
    "429",
    "500",
    "502",
    "503",
    "truncated JSON",
    "null",
    "other type",
    "HTML",
    "garbage",
    "delay",
]
BEFORE: tuple[Fault, ...] = ("closed before", "429", "500", "502", "503")
"""Label Studio never hears of these requests."""
AFTER: tuple[Fault, ...] = (
    *("closed after", "cut", "truncated JSON", "null", "other type", "HTML", "garbage", "delay"),
)
"""Label Studio has acted on these requests; only its answer is spoiled, lost or late."""
_HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "content-length", "server", "date"}

RUNS = 20
"""How often a user runs a command at most until it succeeds."""
T = TypeVar("T")


class FaultProxy:
    """Forwards to `target` and injects faults while `rate` is above 0; a context manager.

    Args:
        target: the real Label Studio's address, on loopback.
        seed: of the random source.
        rate: the share of requests that get a fault; may be changed at any time.
        kinds: the faults to choose from.
        only: which requests may get a fault, as a pattern of `METHOD path`; every one by default.
        most: how many faults are injected at most.

    Attributes:
        url: the proxy's own address.
        faults: how many of each kind were injected.
        requests: how many requests came.
        answers: what the real server answered: `METHOD path` and the status.
    """

    def __init__(
        self,
        target: str,
        *,
        seed: int = 0,
        rate: float = 0.0,
        kinds: Sequence[Fault] = BEFORE + AFTER,
        only: str = "",
        most: int = 1_000_000,
    ) -> None:
        self.rate = rate
        self.kinds = kinds
        self.faults: Counter[Fault] = Counter()
        self.requests = 0
        self.answers: list[tuple[str, int]] = []
        self._only = re.compile(only)
        self._most = most
        self._target = urlsplit(target)
        self._random = random.Random(seed)
        self._lock = threading.Lock()
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.proxy = self
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> FaultProxy:
        return self

    def __exit__(self, *error: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def next_fault(self, request: str) -> Fault | None:
        """Draw what happens to the next request, `METHOD path`."""
        with self._lock:
            self.requests += 1
            if self.faults.total() >= self._most or not self._only.search(request):
                return None
            if self._random.random() >= self.rate:
                return None
            fault = self._random.choice(self.kinds)
            self.faults[fault] += 1
            return fault

    def forward(
        self, method: str, path: str, headers: Any, body: bytes
    ) -> tuple[int, list[tuple[str, str]], bytes]:
        """Ask the real server; return status, headers and body."""
        assert self._target.hostname
        upstream = http.client.HTTPConnection(self._target.hostname, self._target.port, timeout=100)
        try:
            sent = {name: value for name, value in headers.items() if name.lower() != "connection"}
            # An answer that is not compressed can be spoiled in ways that a reader sees.
            sent["Accept-Encoding"] = "identity"
            upstream.request(method, path, body or None, sent)
            answer = upstream.getresponse()
            with self._lock:
                self.answers.append((f"{method} {path}", answer.status))
            return answer.status, answer.getheaders(), answer.read()
        finally:
            upstream.close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    proxy: FaultProxy


class _Handler(BaseHTTPRequestHandler):
    server: _Server  # pyright: ignore[reportIncompatibleVariableOverride]
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        fault = self.server.proxy.next_fault(f"{self.command} {self.path}")
        if fault == "closed before":
            self.close_connection = True
        elif fault in BEFORE:
            wait = [("Retry-After", "0")] if fault == "429" else []
            self.answer(int(fault), wait, b'{"detail": "a fault of the proxy"}')
        else:
            forwarded = self.server.proxy.forward(self.command, self.path, self.headers, body)
            self.spoiled(fault, *forwarded)

    do_POST = do_PATCH = do_PUT = do_DELETE = do_GET

    def spoiled(
        self, fault: Fault | None, status: int, headers: list[tuple[str, str]], body: bytes
    ) -> None:
        if fault == "closed after" or (fault == "cut" and not body):
            self.close_connection = True
            return
        if fault == "delay":
            time.sleep(0.05)
        instead = {
            "truncated JSON": (body or b'{"id": 1}')[: max(1, len(body) // 2)],
            "null": b"null",
            "other type": b"{}" if body.lstrip().startswith(b"[") else b"[]",
            "HTML": b"<!doctype html><title>Welcome</title>",
            "garbage": bytes(range(255, 127, -1)),
        }
        if fault in instead:
            self.answer(200, headers, instead[fault])
        else:
            self.answer(status, headers, body, cut=fault == "cut")

    def answer(
        self,
        status: int,
        headers: list[tuple[str, str]],
        body: bytes,
        *,
        cut: bool = False,
    ) -> None:
        self.send_response(status)
        for name, value in headers:
            if name.lower() not in _HOP_BY_HOP:
                self.send_header(name, value)
        if status != 204:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[: len(body) // 2] if cut else body)
        if cut:
            self.close_connection = True

    def log_message(self, format: str, *args: Any) -> None:
        pass


def until_done(run: Callable[[], T]) -> T:
    """Run again what ends in a plain error, as a user would; any other exception is a failure."""
    for _ in range(RUNS - 1):
        try:
            return run()
        except GoldleafError as error:
            assert str(error)
    return run()
