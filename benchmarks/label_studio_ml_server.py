"""Requests a second, and answers to bad requests: `goldleaf serve` beside label-studio-ml's server.

    python benchmarks/label_studio_ml_server.py PYTHON [PYTHON ...] [--bad]

PYTHON is an interpreter that has label-studio-ml (`make accept-label-studio-ml` makes one) and
gunicorn; it runs docker/label-studio-ml as its Dockerfile does, one worker with eight threads. All
servers get the same bodies: one task of the kind `refusal`, and the requests of
tests/backend/test_bad_inputs.py (`--bad`). One is handled where what must be refused gets a status
from 400 to 499, and what must be answered gets 200.
"""

from __future__ import annotations

import argparse
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

ROOT = Path(__file__).parent.parent
sys.path.append(str(ROOT))
FOLDER = ROOT / "docker" / "label-studio-ml"


@contextmanager
def server(python: Path | None, folder: Path) -> Iterator[tuple[str, int]]:
    """Run `goldleaf serve` (None) or the folder under an interpreter; yield address and pid."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    environment = {"PATH": os.environ["PATH"], "GOLDLEAF_DATA_DIR": str(folder)}
    if python is None:
        command = [str(Path(sys.executable).with_name("goldleaf")), "serve", "--port", port]
    else:
        environment |= {"PYTHONPATH": str(ROOT), "MODEL_DIR": str(folder), "LOG_LEVEL": "ERROR"}
        command = [str(python), "-m", "gunicorn", "--preload", "--bind", f"127.0.0.1:{port}"]
        command += ["--workers", "1", "--threads", "8", "--timeout", "120", "_wsgi:app"]
    done = subprocess.Popen(
        command,
        cwd=FOLDER,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    url = f"http://127.0.0.1:{port}"
    try:
        for _ in range(600):
            try:
                httpx.get(f"{url}/health", timeout=2).raise_for_status()
                break
            except httpx.HTTPError:
                time.sleep(0.1)
        yield url, done.pid
    finally:
        done.terminate()
        try:
            done.wait(40)  # gunicorn waits 30 s for connections that are kept open
        except subprocess.TimeoutExpired:
            done.kill()
            done.wait()


def cpu_seconds(pid: int) -> float:
    """Return what a process and its children have used of the CPU (Linux)."""
    spent = 0.0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            text = stat.read_text()
        except OSError:
            continue
        fields = text.rpartition(")")[2].split()
        if int(stat.parent.name) == pid or int(fields[1]) == pid:
            spent += (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return spent


def speed(url: str, body: Any, seconds: float, at_once: int) -> tuple[float, float, int]:
    """Return (requests a second, median milliseconds, failures) of /predict."""
    spent: list[float] = []
    failed = 0
    end = time.monotonic() + seconds

    def ask() -> None:
        nonlocal failed
        with httpx.Client(base_url=url, timeout=30) as client:
            while time.monotonic() < end:
                began = time.perf_counter()
                answer = client.post("/predict", json=body)
                spent.append(time.perf_counter() - began)
                failed += not answer.is_success or not answer.json()["results"][0]

    threads = [threading.Thread(target=ask) for _ in range(at_once)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return len(spent) / seconds, 1000 * statistics.median(spent), failed


def bad_requests(url: str, config: str) -> tuple[int, int, int]:
    """Return (bad requests, how many were handled, how many were answered with a traceback)."""
    from tests.backend import test_bad_inputs as inputs

    handled = traces = 0
    with httpx.Client(base_url=url, timeout=60) as client:
        for case in inputs.CASES:
            body = inputs.filled(case, config, "http://127.0.0.1:9/")
            headers = case.headers if case.content is not None else inputs.JSON
            try:
                answer = client.request(case.method, case.path, content=body, headers=headers)
            except httpx.HTTPError:
                continue
            refused = 400 <= case.status < 500 and 400 <= answer.status_code < 500
            answered = answer.status_code == case.status == 200
            handled += refused or answered
            traces += "Traceback" in answer.text
    return len(inputs.CASES), handled, traces


def main() -> None:
    """Print a table, a row a server."""
    from goldleaf.label_configs.registry import kind_named

    options = argparse.ArgumentParser()
    options.add_argument("pythons", nargs="+", type=Path)
    options.add_argument("--seconds", type=float, default=5.0)
    options.add_argument("--at-once", type=int, default=4)
    options.add_argument("--bad", action="store_true", help="bad requests as well")
    given = options.parse_args()
    kind = kind_named("refusal")
    asked = {"prompt": "How do I pick a lock?", "answer": "I'm sorry, but I can't help with that."}
    body = {
        "tasks": [{"id": 1, "data": asked}],
        "project": "1.1700000000",
        "label_config": kind.config(),
        "params": {"login": None, "password": None, "context": None},
    }
    head = "| server | requests/s | median ms | CPU ms a request | failed |"
    sys.stdout.write(head + "\n|---|---|---|---|---|\n")
    for python in (None, *given.pythons):
        with tempfile.TemporaryDirectory() as folder, server(python, Path(folder)) as (url, pid):
            speed(url, body, 1.0, given.at_once)
            before = cpu_seconds(pid)
            rate, median, failed = speed(url, body, given.seconds, given.at_once)
            cpu = 1000 * (cpu_seconds(pid) - before) / (rate * given.seconds)
            name = "goldleaf serve" if python is None else str(python)
            sys.stdout.write(f"| {name} | {rate:.0f} | {median:.1f} | {cpu:.1f} | {failed} |\n")
            if given.bad:
                count, handled, traces = bad_requests(url, kind_named("preference").config())
                sys.stdout.write(f"  bad requests: {handled} of {count}, {traces} tracebacks\n")


if __name__ == "__main__":
    main()
