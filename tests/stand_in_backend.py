"""A server that speaks the ML backend's protocol, for tests of what talks to one."""

from __future__ import annotations

import base64
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Data = dict[str, Any]


class StandInBackend:
    """A small real HTTP server that speaks the ML backend's protocol; no part of goldleaf."""

    def __init__(self, *, user: str = "", password: str = "", secret: str = "") -> None:
        self.events: list[str] = []
        self.refused: list[str] = []
        self.version = "stand-in-1"
        self.predictions = 0
        pair = base64.b64encode(f"{user}:{password}".encode()).decode()
        self._basic = f"Basic {pair}" if user else ""
        self._secret = secret
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def answer(self, path: str, headers: Any, body: Data) -> tuple[int, Data]:
        basic = not self._basic or headers.get("Authorization") == self._basic
        if path == "/health":
            return 200, {"status": "UP", "model_class": "StandIn"}
        if path == "/webhook":
            if self._secret and headers.get("X-Goldleaf-Webhook") != self._secret:
                self.refused.append(body.get("action", ""))
                return 401, {}
            self.events.append(body["action"])
            return 200, {}
        if not basic:
            return 401, {}
        if path == "/setup":
            return 200, {"model_version": self.version}
        if path == "/predict":
            self.predictions += 1
            return 200, {"results": [{} for _ in body["tasks"]]}
        return 404, {}

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        backend = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.do_POST()

            def do_POST(self) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                body = json.loads(self.rfile.read(length) or b"{}")
                status, answer = backend.answer(self.path, self.headers, body)
                sent = json.dumps(answer).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(sent)))
                self.end_headers()
                self.wfile.write(sent)

            def log_message(self, format: str, *args: Any) -> None:
                pass

        return Handler
