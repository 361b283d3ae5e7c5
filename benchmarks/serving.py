"""`goldleaf serve` with one and two processes beside a bare Flask handler on waitress, in one run.

    python benchmarks/serving.py --rows FOLDER [--seconds 5] [--memory 50000]

Kind `refusal`, predictor `auto` with a model of 800 rows, texts of 500 characters, from
`xstest_completions_dev.jsonl.gz` in FOLDER. The bare handler parses the same bodies and answers
with as many bytes as we do; it has waitress's own loop, eight threads and room for 512
connections, as we have. The client is Python on the same machine, so that all rates have its share
in them: compare lines of one run.

`--memory N` sends N requests more and compares the resident memory after a tenth of them and at the
end, with that of all processes of the server together.
"""

from __future__ import annotations

import argparse
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from drafting_tasks import NUMBERS, learn, predict_bodies, records_of
from http_load import Load, free_port, load, running_server
from spent import cpu_of

from goldleaf.core.data_dir import DataDir
from goldleaf.label_configs.registry import kind_named

CHARACTERS = 500
ROWS = 800
BARE = """
import sys
from flask import Flask, Response, request
from waitress import serve
app = Flask("bare")
body = sys.stdin.buffer.read()
@app.get("/health")
def health():
    return "UP"
@app.post("/predict")
def predict():
    assert request.get_json()["tasks"]
    return Response(body, content_type="application/json")
serve(app, host="127.0.0.1", port=int(sys.argv[1]), threads=8, connection_limit=512)
"""


def said(text: str) -> None:
    """Print a line at once."""
    print(text, flush=True)  # noqa: T201


def tasks_of(rows: Path) -> list[dict[str, Any]]:
    """Return tasks whose prompt and answer have 500 characters together."""
    show = kind_named("refusal").codec.to_task
    found: list[dict[str, Any]] = []
    for record in records_of("refusal", rows, 1_500):
        task = show(record)
        room = CHARACTERS - len(task["prompt"])
        found.append({**task, "answer": (task["answer"] * (1 + room // 20))[:room]})
    return found


def resident(process: int) -> int:
    """Return the bytes that a process and its children hold in memory, shared pages shared out."""
    there = Path(f"/proc/{process}")
    lines = (there / "smaps_rollup").read_text("ascii").splitlines()
    own = next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    children = (there / f"task/{process}/children").read_text("ascii").split()
    return 1024 * own + sum(resident(int(child)) for child in children)


def answer_of(port: int, body: bytes) -> bytes:
    """Return the body of the answer to one request."""
    with socket.create_connection(("127.0.0.1", port)) as line, line.makefile("rb") as answer:
        line.sendall(body)
        length = 0
        while (header := answer.readline().lower()) not in (b"\r\n", b""):
            if header.startswith(b"content-length:"):
                length = int(header[15:])
        return answer.read(length)


def row(name: str, server: int, port: int, bodies: list[bytes], given: tuple[int, float]) -> Load:
    """Measure a server, print a line and return it; `given` is connections and seconds."""
    load(port, bodies, given[0], 0.5)
    cpu = cpu_of(server)
    done = load(port, bodies, *given)
    each = 1000 * (cpu_of(server) - cpu) / done.requests
    batch = json.loads(bodies[0].partition(b"\r\n\r\n")[2])["tasks"]
    said(f"{name:<22} {len(batch):5} {given[0]:5} {done.line(len(batch))} {each:9.3f}")
    return done


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=Path, required=True)
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--memory", type=int, default=0)
    given = parser.parse_args()
    said(f"load average before: {os.getloadavg()[0]:.1f}; {os.cpu_count()} cores")
    with tempfile.TemporaryDirectory() as folder:
        data = DataDir(Path(folder, "state")).create()
        tasks = tasks_of(given.rows)
        features = learn(data.models, "refusal", tasks, ROWS)
        said(f"model of {ROWS} rows, {features:,} features; project {NUMBERS['refusal']}")
        one, hundred = predict_bodies("refusal", tasks, 1), predict_bodies("refusal", tasks, 100)
        kept = {**os.environ, "GOLDLEAF_DATA_DIR": str(data.path), "GOLDLEAF_TOKEN": ""}
        quiet: dict[str, Any] = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        goldleaf = Path(sys.executable).with_name("goldleaf")
        ports = [free_port() for _ in range(3)]
        answer = Path(folder, "answer")

        def ours(processes: int) -> Any:
            port = ports[processes]
            command = [goldleaf, "serve", "--port", port, "--processes", processes]
            return running_server(command, port, env=kept, **quiet)

        with ours(1) as single, ours(2) as double:
            answer.write_bytes(answer_of(ports[1], one[0]))
            said(f"an answer: {answer.read_bytes()[:200]!r}")
            with answer.open("rb") as body:
                bare_command = [sys.executable, "-c", BARE, ports[0]]
                with running_server(bare_command, ports[0], stdin=body, **quiet) as bare:
                    servers = {
                        "bare Flask": (bare, ports[0]),
                        "goldleaf, 1 process": (single, ports[1]),
                        "goldleaf, 2 processes": (double, ports[2]),
                    }
                    said(
                        f"{'server':<22} batch conns   tasks/s    req/s     p50     p99 errors"
                        "   CPU ms"
                    )
                    for _ in range(given.rounds):
                        for connections in (8, 32, 128):
                            for name, (pid, port) in servers.items():
                                row(name, pid, port, one, (connections, given.seconds))
                    for name in ("goldleaf, 1 process", "goldleaf, 2 processes"):
                        pid, port = servers[name]
                        row(name, pid, port, hundred, (4, given.seconds))
            said(f"load average: {os.getloadavg()[0]:.1f}")
            if given.memory:
                for name, pid, port in (
                    ("1 process", single, ports[1]),
                    ("2 processes", double, ports[2]),
                ):
                    remember(name, pid, port, one, given.memory)


def remember(name: str, server: int, port: int, bodies: list[bytes], requests: int) -> None:
    """Send requests; print the resident memory after a tenth of them and after all."""
    sent, marks, began = 0, {}, time.perf_counter()
    for mark in (requests // 10, requests):
        while sent < mark:
            sent += load(port, bodies, 8, min(10.0, (mark - sent) / 500)).requests
        marks[mark] = resident(server) / 1e6
        said(f"{name}: {marks[mark]:.1f} MB after {sent:,} requests")
    first, last = marks.values()
    said(f"{name}: {100 * (last / first - 1):+.1f} % in {time.perf_counter() - began:.0f} s")


if __name__ == "__main__":
    main()
