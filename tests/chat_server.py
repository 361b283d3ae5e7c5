"""A small real HTTP server that speaks chat completions, and breaks where a prompt says so.

It is no model: an answer is made of words that prompt and seed choose, so that the same request
has the same answer. `fault:NAME` in a prompt asks for a fault; see `FAULTS`.
"""

from __future__ import annotations

import hashlib
import json
import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

WORDS = """amber birch cedar dune ember fjord grove harbour inlet jasmine kelp lagoon meadow nectar
orchard pebble quarry river saffron thistle umber valley willow yarrow zephyr 金 箔 很 薄 山 河 云
""".split()
MODEL = "wordy-1"


class ChatServer:
    """The server; `asked` counts requests by (prompt, seed), `bodies` has them as they came."""

    def __init__(self) -> None:
        self.asked: Counter[tuple[str, int]] = Counter()
        self.bodies: list[dict[str, Any]] = []
        self.keys: set[str] = set()
        self.delay = 0.0
        self.gate = threading.Event()
        """While it is cleared, nothing is answered."""
        self.gate.set()
        self.same_seeds = False
        self.open = self.most_open = 0
        self.lock = threading.Lock()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                listed = {"object": "list", "data": [{"id": MODEL}]}
                outer.reply(self, 200, json.dumps(listed).encode())

            def do_POST(self) -> None:
                with outer.lock:
                    outer.open += 1
                    outer.most_open = max(outer.most_open, outer.open)
                try:
                    with suppress(OSError):  # a client may go away before its answer
                        outer.respond(self)
                finally:
                    with outer.lock:
                        outer.open -= 1

            def log_message(self, format: str, *args: object) -> None:
                pass

        class Quiet(ThreadingHTTPServer):
            def handle_error(self, request: object, client_address: object) -> None:
                """Say nothing of a client that went away."""

        self.http = Quiet(("127.0.0.1", 0), Handler)
        self.http.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.http.server_port}/v1"
        threading.Thread(target=self.http.serve_forever, args=(0.02,), daemon=True).start()

    def respond(self, handler: BaseHTTPRequestHandler) -> None:
        """Answer one request, with the fault that its prompt names."""
        length = int(handler.headers["Content-Length"])
        body = json.loads(handler.rfile.read(length))
        prompt, seed = body["messages"][-1]["content"], body.get("seed", 0)
        with self.lock:
            self.asked[prompt, seed] += 1
            times = self.asked[prompt, seed]
            self.bodies.append(body)
            self.keys.add(handler.headers.get("Authorization", ""))
        time.sleep(self.delay)
        self.gate.wait(60)
        _, _, fault = prompt.partition("fault:")
        if fault:
            FAULTS[fault.split()[0]](self, handler, times)
        else:
            self.reply(handler, 200, completion(prompt, 0 if self.same_seeds else seed))

    def reply(
        self,
        handler: BaseHTTPRequestHandler,
        status: int,
        content: bytes,
        kind: str = "application/json",
        **headers: str,
    ) -> None:
        """Send a whole answer."""
        handler.send_response(status)
        handler.send_header("Content-Type", kind)
        handler.send_header("Content-Length", str(len(content)))
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        handler.wfile.write(content)

    def close(self) -> None:
        """End it."""
        self.gate.set()
        self.http.shutdown()
        self.http.server_close()


def answer_text(prompt: str, seed: int) -> str:
    """Return what the server answers: twenty words that prompt and seed choose."""
    drawn = random.Random(hashlib.sha256(f"{prompt}|{seed}".encode()).digest())
    return " ".join(drawn.choices(WORDS, k=20)) + "."


def completion(prompt: str, seed: int, **message: object) -> bytes:
    """Return the body of a whole answer."""
    said = {"role": "assistant", "content": answer_text(prompt, seed), **message}
    usage = {"prompt_tokens": len(prompt), "completion_tokens": 20}
    choice = {"index": 0, "message": said, "finish_reason": "stop"}
    return json.dumps({"model": MODEL, "choices": [choice], "usage": usage}).encode()


def error(message: str, code: str = "") -> bytes:
    """Return the body of an error as OpenAI's servers write it."""
    return json.dumps({"error": {"message": message, "code": code}}).encode()


def _hang(server: ChatServer, handler: Any, times: int) -> None:
    time.sleep(3)


def _cut_off(server: ChatServer, handler: Any, times: int) -> None:
    handler.send_response(200)
    handler.send_header("Content-Type", "application/json")
    handler.send_header("Content-Length", "5000")
    handler.end_headers()
    handler.wfile.write(completion("x", 1)[:60])
    handler.close_connection = True


def _huge(server: ChatServer, handler: Any, times: int) -> None:
    handler.send_response(200)
    handler.send_header("Content-Type", "application/json")
    handler.send_header("Content-Length", str(12 * 2**20))
    handler.end_headers()
    try:
        for _ in range(12):
            handler.wfile.write(b" " * 2**20)
    except OSError:
        pass
    handler.close_connection = True


def _once_then_well(status: int, **headers: str) -> Fault:
    def fault(server: ChatServer, handler: Any, times: int) -> None:
        if times == 1:
            server.reply(handler, status, error("try later"), **headers)
        else:
            server.reply(handler, 200, completion("x", 1))

    return fault


def _always(status: int, content: bytes, kind: str = "application/json", **headers: str) -> Fault:
    def fault(server: ChatServer, handler: Any, times: int) -> None:
        server.reply(handler, status, content, kind, **headers)

    return fault


Fault = Callable[[ChatServer, Any, int], None]
_HTML = b"<html><body>Welcome</body></html>"
_EMPTY: dict[str, Any] = {"choices": []}
FAULTS: dict[str, Fault] = {
    "hang": _hang,
    "cut_off": _cut_off,
    "huge": _huge,
    "busy_once": _once_then_well(429, Retry_After="0.2"),
    "failing_once": _once_then_well(503),
    "busy": _always(429, error("slow down"), Retry_After="0.01"),
    "busy_for_hours": _always(429, error("slow down"), Retry_After="7200"),
    "failing": _always(500, b"oops", "text/plain"),
    "junk": _always(200, b"\x00\xffnot json"),
    "deep": _always(200, b"[" * 100_000),
    "no_choices": _always(200, json.dumps(_EMPTY).encode()),
    "no_text": _always(200, json.dumps({"choices": [{"message": {"content": 3}}]}).encode()),
    "surrogate": _always(200, b'{"choices": [{"message": {"content": "\\ud800"}}]}'),
    "html": _always(200, _HTML, "text/html"),
    "redirect": _always(307, b"", Location="http://127.0.0.1:9/v1/chat/completions"),
    "unauthorized": _always(401, error("Incorrect API key provided: sk-abcd1234efgh")),
    "not_found": _always(404, error("The model does not exist", "model_not_found")),
    "too_long": _always(400, error("This model's maximum context length is 256 tokens")),
    "refused": _always(400, error("temperature must be at most 2")),
    "thinks": _always(200, completion("x", 1, content="<think>Hm.</think> Yes.")),
    "thinks_apart": _always(200, completion("x", 1, content="Yes.", reasoning_content="Hm.")),
    "only_thinks": _always(200, completion("x", 1, content="<think>Hm. And so")),
    "empty": _always(200, completion("x", 1, content="")),
}


@pytest.fixture
def chat_server() -> Iterator[ChatServer]:
    """A running server of the test's own."""
    server = ChatServer()
    yield server
    server.close()
