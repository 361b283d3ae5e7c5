"""Listening: where, where not, and how it ends."""

from __future__ import annotations

import itertools
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from goldleaf.backend.credentials import Credentials
from goldleaf.backend.predictors.predictor import Draft
from goldleaf.backend.server import RunningBackend
from goldleaf.core.errors import GoldleafError, UsageError
from goldleaf.label_configs.kind import Kind

from .conftest import LOGIN
from .serving import serving


@contextmanager
def connected(backend: RunningBackend) -> Iterator[socket.socket]:
    with socket.create_connection((backend.host, backend.port), timeout=60) as line:
        yield line


def test_it_listens_on_loopback_and_is_gone_afterwards(tmp_path: Path):
    before = threading.active_count()
    with RunningBackend(tmp_path / "e.sqlite") as backend:
        assert backend.url == f"http://127.0.0.1:{backend.port}"
        assert httpx.get(backend.url + "/health").status_code == 200
    with pytest.raises(httpx.ConnectError):
        httpx.get(backend.url + "/health")
    assert threading.active_count() <= before
    with RunningBackend(tmp_path / "e.sqlite", port=backend.port) as again:
        assert httpx.get(again.url + "/health").status_code == 200


@pytest.mark.parametrize("host", ["0.0.0.0", "::"])
def test_beyond_this_machine_a_password_is_needed(tmp_path: Path, host: str):
    with pytest.raises(UsageError, match="without a password") as caught:
        RunningBackend(tmp_path / "e.sqlite", host=host).start()
    assert caught.value.exit_code == 2
    assert not (tmp_path / "e.sqlite").exists()


def test_with_a_password_it_may_listen_elsewhere(tmp_path: Path):
    credentials = Credentials(*LOGIN)
    with RunningBackend(tmp_path / "e.sqlite", host="0.0.0.0", credentials=credentials) as backend:
        assert httpx.get(backend.url + "/versions", auth=LOGIN).status_code == 200
        assert httpx.get(backend.url + "/versions").status_code == 401


def test_localhost_means_the_address_label_studio_tries(tmp_path: Path):
    with RunningBackend(tmp_path / "e.sqlite", host="localhost") as backend:
        assert backend.host == "127.0.0.1"


def test_a_taken_port_is_named(tmp_path: Path, open_backend: RunningBackend):
    port = open_backend.port
    with pytest.raises(UsageError, match=f"Port {port} is taken"):
        RunningBackend(tmp_path / "e.sqlite", port=port).start()
    assert httpx.get(open_backend.url + "/health").status_code == 200


@pytest.mark.parametrize(
    ("host", "port"),
    [("", 0), ("no such host", 0), ("127.0.0.1", 70_000), ("127.0.0.1", -1), ("192.0.2.1", 0)],
)
def test_an_address_that_is_none_is_a_usage_error(tmp_path: Path, host: str, port: int):
    backend = RunningBackend(
        tmp_path / "e.sqlite", host=host, port=port, credentials=Credentials(*LOGIN)
    )
    with pytest.raises(UsageError):
        backend.start()


def test_an_unknown_predictor_is_a_usage_error(tmp_path: Path):
    with pytest.raises(UsageError, match="rules"):
        RunningBackend(tmp_path / "e.sqlite", predictor="oracle").start()


def test_a_store_that_cannot_be_opened_frees_the_port(tmp_path: Path, unused_port: int):
    (tmp_path / "e.sqlite").mkdir()
    backend = RunningBackend(tmp_path / "e.sqlite", port=unused_port)
    with pytest.raises(GoldleafError):
        backend.start()
    with socket.create_server(("127.0.0.1", unused_port)):
        pass


@pytest.fixture
def unused_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


HEAD = b"POST /predict HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"


def test_half_a_body_holds_no_one_up(open_backend: RunningBackend):
    with connected(open_backend) as slow, connected(open_backend) as gone:
        slow.sendall(HEAD + b'Content-Length: 100\r\n\r\n{"tasks": ')
        gone.sendall(HEAD + b"Content-Length: 100\r\n\r\n{")
        gone.close()
        for _ in range(20):
            assert httpx.get(open_backend.url + "/health").status_code == 200
        slow.sendall(b"x" * 90)
        assert slow.recv(4096).startswith(b"HTTP/1.1 400 ")


def test_more_half_bodies_than_threads(open_backend: RunningBackend):
    lines = [socket.create_connection(("127.0.0.1", open_backend.port)) for _ in range(24)]
    try:
        for line in lines:
            line.sendall(HEAD + b"Content-Length: 1000\r\n\r\n{")
        began = time.monotonic()
        assert httpx.get(open_backend.url + "/health").status_code == 200
        assert time.monotonic() - began < 4, "httpx gives up after 5 seconds"
    finally:
        for line in lines:
            line.close()


@pytest.mark.parametrize(
    "raw",
    [
        b"\x16\x03\x01\x02\x00",
        b"GET\r\n\r\n",
        b"GET /../../etc/passwd HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET /health HTTP/9.9\r\n\r\n",
        HEAD + b"Content-Length: -5\r\n\r\n",
        HEAD + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\n{}",
        HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n",
        HEAD + b"Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n",
        HEAD + b"X: " + b"y" * 300_000 + b"\r\n\r\n",
        HEAD + b"Content-Length: 99999999999999999999\r\n\r\n{",
    ],
)
def test_bytes_that_are_no_request(open_backend: RunningBackend, raw: bytes):
    with connected(open_backend) as line:
        try:
            line.sendall(raw)
            line.shutdown(socket.SHUT_WR)
            answer = line.recv(4096)
        except ConnectionError:
            answer = b""
    assert b"Traceback" not in answer
    assert not answer.startswith(b"HTTP/1.1 5") or b" 501 " in answer
    assert httpx.get(open_backend.url + "/health").json()["status"] == "UP"


@pytest.mark.parametrize("before", [b"", HEAD + b"Content-Length: 40000\r\n\r\n" + b" " * 40_000])
@pytest.mark.parametrize(
    "raw",
    [
        b"GARBAGE\r\n\r\n",
        b"get /x HTTP/1.1\r\n\r\n",
        b"GET /x HTTP/1.1\r\nBad Header\r\n\r\n",
    ],
)
def test_a_head_that_cannot_be_read_is_answered(
    open_backend: RunningBackend, raw: bytes, before: bytes
):
    with connected(open_backend) as line:
        line.sendall(before + raw)
        answer = b""
        while got := line.recv(4096):  # until it is closed, after a request that was read, too
            answer += got
    assert answer.count(b"HTTP/1.1 400 ") + answer.count(b"HTTP/1.0 400 ") == 1 + bool(before)
    assert answer.count(b'"bad_request"') >= 1


def test_a_chunked_body_is_a_body(open_backend: RunningBackend, config: str):
    def chunks() -> Iterator[bytes]:
        yield b'{"project": "1", '
        yield b'"schema": "<View/>"}'

    answer = httpx.post(
        open_backend.url + "/setup",
        content=chunks(),
        headers={"Content-Type": "application/json"},
    )
    assert (answer.status_code, answer.json()["error"]) == (422, "unknown_kind")


def test_a_body_beyond_what_is_drained_harms_nobody(open_backend: RunningBackend):
    with connected(open_backend) as line:
        line.sendall(HEAD + b"Content-Length: 1000000000\r\n\r\n{")
        assert line.recv(4096).startswith(b"HTTP/1.1 413 ")
    assert httpx.get(open_backend.url + "/health").json()["status"] == "UP"


@pytest.mark.parametrize("megabytes", [17, 64, 300])
def test_a_sender_of_far_too_much_sees_the_refusal(open_backend: RunningBackend, megabytes: int):
    """It writes all of it before it reads, as most clients do."""
    part = b" " * (1 << 20)
    with connected(open_backend) as line:
        line.sendall(HEAD + f"Content-Length: {megabytes << 20}\r\n\r\n".encode())
        for _ in range(min(megabytes, 200)):
            line.sendall(part)
        with line.makefile("rb") as stream:
            assert stream.readline().startswith(b"HTTP/1.1 413 ")
            while stream.readline() != b"\r\n":
                pass
            assert stream.read(22) == b'{"error": "too_large",'


def test_who_waits_to_be_asked_for_a_large_body_is_refused_before(open_backend: RunningBackend):
    with connected(open_backend) as line:
        line.sendall(HEAD + b"Expect: 100-continue\r\nContent-Length: 50000000\r\n\r\n")
        assert line.recv(4096).startswith(b"HTTP/1.1 413 ")


def test_what_is_no_request_is_refused_in_the_same_form(open_backend: RunningBackend):
    with connected(open_backend) as line:
        line.sendall(HEAD + b"Transfer-Encoding: gzip\r\n\r\n")
        with line.makefile("rb") as stream:
            assert stream.readline().startswith(b"HTTP/1.1 400 ")
            head, _, body = stream.read().partition(b"\r\n\r\n")
    said = json.loads(body)
    assert set(said) == {"error", "detail", "request"}
    assert f"X-Request-Id: {said['request']}".encode() in head


class Slow:
    """A predictor that takes its time."""

    NAME = "slow"
    VERSION = "1"

    def __init__(self) -> None:
        self.begun = threading.Event()

    def drafts(self, kind: Kind, tasks: Sequence[Mapping[str, Any]]) -> list[Draft | None]:
        self.begun.set()
        time.sleep(0.5)
        return [None for _ in tasks]


def test_stopping_lets_the_current_answer_out(tmp_path: Path, config: str):
    slow = Slow()
    answers: list[httpx.Response] = []
    with RunningBackend(tmp_path / "e.sqlite", predictor=slow) as backend:
        body = {"tasks": [{"data": {}}], "project": "1", "label_config": config}
        asking = threading.Thread(
            target=lambda: answers.append(httpx.post(backend.url + "/predict", json=body))
        )
        asking.start()
        assert slow.begun.wait(60)
    asking.join(60)
    assert [answer.status_code for answer in answers] == [200]
    assert answers[0].json() == {"results": [{}]}


SERVE = """
import sys
from pathlib import Path
from goldleaf.backend.serve import serve
serve("127.0.0.1", 0, events=Path(sys.argv[1]), announce=lambda url: print(url, flush=True))
print("ended", flush=True)
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_serve_ends_on_a_signal(tmp_path: Path, number: signal.Signals):
    server = subprocess.Popen(
        [sys.executable, "-c", SERVE, str(tmp_path / "e.sqlite")],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert server.stdout
    url = server.stdout.readline().strip()
    assert httpx.get(url + "/health").status_code == 200
    os.kill(server.pid, number)
    out, err = server.communicate(timeout=60)
    assert (out, server.returncode) == ("ended\n", 0)
    unlogged = [line for line in err.splitlines() if " INFO " not in line]  # such as a traceback
    assert not unlogged


FIRST_REQUESTS = """
import sys
from pathlib import Path
import httpx
from goldleaf.backend.server import RunningBackend
from goldleaf.label_configs.registry import kind_named
config = kind_named("refusal").config()
with RunningBackend(Path(sys.argv[1]), predictor="auto") as backend:
    client = httpx.Client(base_url=backend.url)
    loaded = set(sys.modules)
    client.get("/health").raise_for_status()
    client.post("/setup", json={"project": "1.1", "schema": config}).raise_for_status()
    task = {"id": 1, "data": {"prompt": "Why?", "answer": "I'm sorry, but I can't help with that."}}
    asked = {"tasks": [task], "project": "1.1", "label_config": config}
    assert client.post("/predict", json=asked).json()["results"][0]
    client.post("/webhook", json={"action": "ANNOTATION_CREATED", "annotation": {"id": 1}})
    print(*sorted(set(sys.modules) - loaded))
"""


def test_no_request_waits_for_modules_that_a_first_draft_loads(tmp_path: Path):
    """It is the loop that drafts: all other requests wait meanwhile, and Label Studio gives up."""
    done = subprocess.run(
        [sys.executable, "-c", FIRST_REQUESTS, str(tmp_path / "events.sqlite")],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == []


@pytest.mark.skipif(not hasattr(signal, "SIGHUP"), reason="this system has no SIGHUP")
@pytest.mark.parametrize("ignored", [False, True], ids=["closed", "nohup"])
def test_a_terminal_that_is_closed_ends_it_in_order(tmp_path: Path, ignored: bool):
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN if ignored else signal.SIG_DFL)
    try:
        with serving(tmp_path / "state", tmp_path / "log") as client:
            (process,) = [
                each
                for each in psutil.Process().children()
                if str(tmp_path / "state") in str(each.environ())
            ]
            process.send_signal(signal.SIGHUP)
            if ignored:
                time.sleep(0.5)
                assert client.get("/health").status_code == 200
            else:
                assert process.wait(20) == 0
    finally:
        signal.signal(signal.SIGHUP, before)


def test_an_event_that_would_be_lost_with_its_file_is_not_accepted(tmp_path: Path):
    """The data directory is moved away under a server, and comes back; then it is removed."""
    state, away, log = tmp_path / "state", tmp_path / "away", tmp_path / "log"
    numbers = itertools.count(1)

    def send(client: httpx.Client) -> int:
        event = {"action": "ANNOTATION_CREATED", "project": {"id": 1}}
        event["annotation"] = {"id": next(numbers)}
        return client.post("/webhook", json=event).status_code

    with serving(state, log) as client:
        assert send(client) == 202
        state.rename(away)
        assert [send(client), send(client)] == [503, 503]
        assert client.get("/health").json()["status"] == "degraded"
        away.rename(state)
        assert send(client) == 202
        health = client.get("/health").json()
        assert (health["status"], health["events_pending"]) == ("UP", 2)
        shutil.rmtree(state)
        assert send(client) == 503
    assert log.read_text("utf-8").count("is no longer at") == 2, "once each time"
