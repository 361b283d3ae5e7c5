"""More connections than it may have open: real ones to a real `goldleaf serve`."""

from __future__ import annotations

import os
import resource
import socket
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx
import psutil
import pytest

from .serving import serving

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no such limit")


@contextmanager
def open_files(most: int) -> Iterator[None]:
    """Have programs that are started now, but not this one later, open so many files."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)


@pytest.fixture(params=["1", "2"])
def limited(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[httpx.Client]:
    """A server that may open 64 files, 32 of them connections."""
    with ExitStack() as stack:
        with open_files(64):
            entered = serving(tmp_path, tmp_path / "log", "--processes", request.param)
            client = stack.enter_context(entered)
        yield client


def idle(client: httpx.Client, count: int, said: bytes, stack: ExitStack) -> list[socket.socket]:
    """Open connections that say so much, and nothing more."""
    held: list[socket.socket] = []
    for _ in range(count):
        line = stack.enter_context(socket.create_connection(("127.0.0.1", client.base_url.port), 9))
        line.sendall(said)
        held.append(line)
    return held


@pytest.mark.parametrize(
    "said", [b"", b"GET /versions HTTP/1.1\r\nHost: x\r\n\r\n"], ids=["silent", "kept_alive"]
)
def test_idle_connections_give_way_to_new_ones(limited: httpx.Client, said: bytes):
    """Each was held for two minutes, and all others waited: no health, no webhook."""
    with ExitStack() as stack:
        idle(limited, 200, said, stack)
        with httpx.Client(base_url=limited.base_url, timeout=60) as first:
            assert first.get("/health").status_code == 200
        for _ in range(20):
            with httpx.Client(base_url=limited.base_url, timeout=10) as fresh:
                began = time.monotonic()
                assert fresh.get("/health").status_code == 200
                assert time.monotonic() - began < 5


def test_of_more_requests_at_once_than_it_may_hold_none_is_lost(limited: httpx.Client):
    """Label Studio opens a connection for each webhook, and sends none again."""

    def send(number: int) -> int:
        event = {"action": "ANNOTATION_CREATED", "annotation": {"id": number}, "project": {"id": 1}}
        return httpx.post(f"{limited.base_url}/webhook", json=event, timeout=60).status_code

    with ThreadPoolExecutor(100) as together:
        answers = Counter(together.map(send, range(1, 201)))
    assert set(answers) <= {202, 503}, "stored, or told that the store is busy"
    assert answers[202] > 150


def test_one_that_is_asked_now_and_then_is_kept_while_idle_ones_go(limited: httpx.Client):
    with ExitStack() as stack, httpx.Client(base_url=limited.base_url, timeout=10) as busy:
        for _ in range(20):
            busy.get("/versions").raise_for_status()
            with httpx.Client(base_url=limited.base_url, timeout=10) as fresh:
                fresh.get("/versions").raise_for_status()
            idle(limited, 10, b"", stack)


@pytest.mark.skipif(not hasattr(psutil.Process, "rlimit"), reason="only Linux can set it later")
def test_no_open_file_left_is_one_line_of_log(tmp_path: Path):
    """It asked for the next connection at once, again and again, a traceback each time."""
    log = tmp_path / "log"
    with ExitStack() as stack:
        client = stack.enter_context(serving(tmp_path, log))
        (process,) = [
            each for each in psutil.Process().children() if str(tmp_path) in str(each.environ())
        ]
        most = process.num_fds() + 3
        process.rlimit(psutil.RLIMIT_NOFILE, (most, most))
        idle(client, 20, b"", stack)
        for number in range(1, 11):
            with httpx.Client(base_url=client.base_url, timeout=30) as fresh:
                assert fresh.get("/health").status_code == 200
                event = {"action": "ANNOTATION_CREATED", "annotation": {"id": number}}
                event["project"] = {"id": 1}
                assert fresh.post("/webhook", json=event).status_code == 202
        told = log.read_text("utf-8").splitlines()
    assert sum("Too many open files" in line for line in told) == 1
    assert len(told) < 30
