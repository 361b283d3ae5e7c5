"""Who answers: the loop itself what is short, a thread what may take long; raw sockets ask."""

from __future__ import annotations

import json
import select
import socket
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest

from goldleaf.backend.predictors.predictor import Draft
from goldleaf.backend.protocol import MAX_TASKS
from goldleaf.backend.server import SHORT_BYTES, RunningBackend, most_connections
from goldleaf.label_configs.kind import Kind


class Noting:
    """Drafts nothing, and notes in which thread; a task may ask for a pause."""

    NAME = "noting"
    VERSION = "1"
    QUICK = True

    def __init__(self) -> None:
        self.threads: list[str] = []

    def drafts(self, kind: Kind, tasks: Sequence[Mapping[str, Any]]) -> list[Draft | None]:
        self.threads.append(threading.current_thread().name)
        time.sleep(max(float(str(task.get("pause", 0))) for task in tasks))
        return [None for _ in tasks]


@pytest.fixture
def noting(tmp_path: Path) -> Iterator[tuple[Noting, RunningBackend]]:
    predictor = Noting()
    with RunningBackend(tmp_path / "events.sqlite", predictor=predictor) as backend:
        yield predictor, backend


def predict(config: str, *tasks: dict[str, Any]) -> bytes:
    body = {"tasks": [{"id": n, "data": task} for n, task in enumerate(tasks)], "project": "1.1"}
    content = json.dumps(body | {"label_config": config}).encode()
    head = "POST /predict HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
    return head.encode() + f"Content-Length: {len(content)}\r\n\r\n".encode() + content


def answers(line: socket.socket, count: int) -> list[dict[str, Any]]:
    """Return the bodies of so many answers on a connection."""
    found: list[dict[str, Any]] = []
    with line.makefile("rb") as stream:
        for _ in range(count):
            assert b" 200 " in stream.readline()
            length = 0
            while (header := stream.readline().lower()) != b"\r\n":
                if header.startswith(b"content-length:"):
                    length = int(header[15:])
            found.append(json.loads(stream.read(length)))
    return found


def connected(backend: RunningBackend) -> socket.socket:
    return socket.create_connection(("127.0.0.1", backend.port), timeout=30)


def test_short_requests_need_no_thread_and_long_ones_get_one(
    noting: tuple[Noting, RunningBackend], config: str
):
    predictor, backend = noting
    with connected(backend) as line:
        line.sendall(predict(config, {"prompt": "a"}))
        answers(line, 1)
        line.sendall(predict(config, {"prompt": "a" * SHORT_BYTES}))
        answers(line, 1)
    short, long = predictor.threads
    assert short == "goldleaf-backend"
    assert long.startswith("waitress-")


def test_a_predictor_that_does_not_call_itself_quick_blocks_nobody(
    tmp_path: Path, config: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.delattr(Noting, "QUICK")
    with (
        RunningBackend(tmp_path / "events.sqlite", predictor=Noting()) as backend,
        connected(backend) as line,
    ):
        line.sendall(predict(config, {"prompt": "a", "pause": 3}))
        time.sleep(0.1)
        assert httpx.get(f"{backend.url}/health").status_code == 200
        assert not select.select([line], [], [], 0)[0], "the slow one is still at work"
        answers(line, 1)


def test_long_requests_are_computed_one_after_another(
    noting: tuple[Noting, RunningBackend], config: str
):
    predictor, backend = noting
    with connected(backend) as one, connected(backend) as other:
        for line in (one, other):
            line.sendall(predict(config, {"prompt": "a" * SHORT_BYTES, "pause": 0.2}))
        answers(one, 1)
        answers(other, 1)
    assert len(predictor.threads) == 2
    assert len(set(predictor.threads)) == 1, "the second waited, though seven threads were idle"


def test_of_many_that_come_at_once_none_waits_for_rounds_of_the_others(
    noting: tuple[Noting, RunningBackend], config: str
):
    _, backend = noting
    body = predict(config, {"prompt": "a", "pause": 0.005})
    with ExitStack() as lines:
        counts: dict[socket.socket, int] = {}
        for _ in range(130):
            counts[line := lines.enter_context(connected(backend))] = 0
            line.sendall(body)
        # Those that are taken double with each round: eight rounds, not 130.
        while not all(counts.values()) and max(counts.values()) <= 12:
            answered, _, _ = select.select(counts, [], [], 30)
            assert answered, "one that waits is never taken"
            for line in answered:
                answers(line, 1)
                counts[line] += 1
                line.sendall(body)
    assert all(counts.values()), "some were answered again and again while others waited"


def test_requests_in_one_packet_are_answered_in_their_order(
    noting: tuple[Noting, RunningBackend], config: str
):
    _, backend = noting
    tasks = [{"prompt": "a"}], [{"prompt": "b"}] * 3, [{"prompt": "c" * SHORT_BYTES}], [{}, {}]
    with connected(backend) as line:
        line.sendall(b"".join(predict(config, *each) for each in tasks))
        assert [len(each["results"]) for each in answers(line, 4)] == [1, 3, 1, 2]


def test_a_reader_that_is_slow_gets_a_long_answer_whole(tmp_path: Path, config: str):
    refusing = {"prompt": "Why?", "answer_a": "I'm sorry, but I can't help.", "answer_b": "So."}
    with (
        RunningBackend(tmp_path / "events.sqlite", predictor="rules") as backend,
        socket.socket() as line,
    ):
        # Small windows on both sides, so that most of the answer is left to the loop.
        backend._server.socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
        line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        line.settimeout(30)
        line.connect(("127.0.0.1", backend.port))
        line.sendall(predict(config, *([refusing] * MAX_TASKS)))
        time.sleep(2)  # the answer is made, and only its beginning fits the line
        assert httpx.get(f"{backend.url}/health").status_code == 200
        (answer,) = answers(line, 1)
    assert len(answer["results"]) == MAX_TASKS
    assert all(answer["results"])


def test_connections_leave_open_files_for_the_rest(monkeypatch: pytest.MonkeyPatch):
    resource = pytest.importorskip("resource")
    allowed = {256: 128, 1_024: 512, 20_000: 512, resource.RLIM_INFINITY: 512}
    for soft, most in allowed.items():
        monkeypatch.setattr(resource, "getrlimit", lambda which, soft=soft: (soft, soft))
        assert most_connections() == most


def test_requests_of_one_packet_do_not_hold_up_the_others(
    noting: tuple[Noting, RunningBackend], config: str
):
    _, backend = noting
    body = predict(config, {"prompt": "a", "pause": 0.1})
    with connected(backend) as many, connected(backend) as other:
        many.sendall(body * 40)  # four seconds; sixteen of them are answered by the loop
        time.sleep(0.05)
        began = time.monotonic()
        other.sendall(b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n")
        answers(other, 1)
        assert time.monotonic() - began < 3
        answers(many, 40)


def test_a_sender_that_reads_no_answers_occupies_no_thread(tmp_path: Path):
    with ExitStack() as stack:
        backend = stack.enter_context(RunningBackend(tmp_path / "events.sqlite", threads=1))
        adjustments = backend._server.adj
        adjustments.outbuf_high_watermark = adjustments.send_bytes = 50_000
        backend._server.socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
        line = stack.enter_context(socket.socket())
        line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        line.connect(("127.0.0.1", backend.port))
        line.sendall(b"GET /openapi.json HTTP/1.1\r\nHost: x\r\n\r\n" * 200)
        time.sleep(1)
        answer = httpx.post(f"{backend.url}/webhook", json={"action": "X"}, timeout=5)
        assert answer.status_code == 200
        with connected(backend) as reader:  # one that reads all it asked for gets it
            reader.sendall(b"GET /openapi.json HTTP/1.1\r\nHost: x\r\n\r\n")
            answers(reader, 1)
