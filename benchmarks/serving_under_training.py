"""`/health`, webhooks and an annotator's saves while `goldleaf serve` trains and a model is slow.

    python benchmarks/serving_under_training.py [--rows FOLDER] [--answers 800] [--saves 200]

All of it are processes of their own: Label Studio, `goldleaf serve`, the fit, and a model behind
`--endpoint` that takes three seconds for a text. Five projects of so many answered tasks of the
kind `refusal` are due for training at any time: an answer of one after the other is changed, and
its training asked for, sooner than a round ends; so one is trained and the others wait. Four
connections ask for drafts without end. Each request for `/health` and each webhook is a connection
of its own, as Label Studio's are.

Saves: a new annotation each, of a task that has none, in a sixth project (`preference`), our
webhook switched on and off in turn by Label Studio's API.
"""

from __future__ import annotations

import argparse
import http.client
import itertools
import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from drafting_tasks import records_of
from http_load import free_port, running_server
from spent import cpu_of

from goldleaf.core.data_dir import DataDir
from goldleaf.label_configs.preference.codec import Answer as Preference
from goldleaf.label_configs.refusal.codec import Answer as Refusal
from goldleaf.label_configs.regions import to_regions
from goldleaf.label_configs.registry import kind_named
from goldleaf.studio.backend_link import connect_backend
from goldleaf.studio.client import Studio
from goldleaf.studio.embedded_label_studio import EmbeddedStudio
from goldleaf.studio.projects import create_project, get_project, project_key
from goldleaf.studio.task_pagination import iterate_tasks

PROJECTS = 5
CHANGE_EVERY = 3.0
"""Seconds between two answers that are changed; a round of 800 answers takes longer."""
NO_PROJECT = 999_999
"""What webhooks name before the trainings, so that none begins of them."""
DRAFTING = 4
"""Connections that ask for drafts."""
CHUNK = 200
SLOW_MODEL = """
import json, sys, time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
class Slow(BaseHTTPRequestHandler):
    def reply(self, content):
        body = json.dumps(content).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def do_GET(self):
        self.reply({"object": "list", "data": [{"id": "slow"}]})
    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        time.sleep(3)
        said = {"role": "assistant", "content": "I cannot help with that."}
        self.reply({"choices": [{"index": 0, "message": said, "finish_reason": "stop"}]})
    def log_message(self, *given):
        pass
ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Slow).serve_forever()
"""


def said(text: str) -> None:
    """Print a line at once."""
    print(text, flush=True)  # noqa: T201


@dataclass
class Timed:
    """Milliseconds of each request, and how many were not answered as they should."""

    ms: list[float] = field(default_factory=list[float])
    errors: int = 0

    def row(self, name: str) -> str:
        """Return a line of the table: count, p50, p99 and most in ms, errors."""
        ordered = sorted(self.ms)
        p50, p99 = statistics.median(ordered), ordered[int(len(ordered) * 0.99)]
        cells = f"{len(ordered):,} | {p50:.1f} | {p99:.1f} | {ordered[-1]:.1f} | {self.errors}"
        return f"| {name} | {cells} |"


def ask(port: int, method: str, path: str, body: object = None) -> tuple[int, bytes]:
    """Send one request over a new connection; return status and body of the answer."""
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=100)
    try:
        content = None if body is None else json.dumps(body).encode()
        line.request(method, path, content, {"Content-Type": "application/json"})
        answer = line.getresponse()
        return answer.status, answer.read()
    finally:
        line.close()


def timed(kept: Timed, wanted: int, work: Callable[[], tuple[int, bytes]]) -> bytes:
    """Do one request, note how long it took, and return the body of its answer."""
    began = time.perf_counter()
    status, body = work()
    kept.ms.append(1000 * (time.perf_counter() - began))
    kept.errors += status != wanted
    return body


def answered_projects(studio: Studio, rows: Path | None, answers: int) -> list[int]:
    """Make the projects to train, each with so many answers; return their numbers."""
    kind = kind_named("refusal")
    tasks = [kind.codec.to_task(record) for record in records_of("refusal", rows, answers)]
    longest = sorted(tasks, key=lambda task: len(task["answer"]))[len(tasks) // 2]
    filled: list[dict[str, Any]] = []
    for task in tasks:
        comply = len(task["answer"]) >= len(longest["answer"])
        answer = Refusal(
            decision="benign_comply",
            did="comply" if comply else "full_refusal",
            risk="none",
            corrected="Here is how it is done.",
        )
        regions = to_regions(kind.to_annotation(answer), kind.screen)
        filled.append({"data": task, "annotations": [{"result": regions}]})
    made: list[int] = []
    for _ in range(PROJECTS):
        made.append(create_project(studio, kind))
        for start in range(0, len(filled), CHUNK):
            studio.post(
                f"/api/projects/{made[-1]}/import", filled[start : start + CHUNK], timeout=300
            )
    return made


@contextmanager
def while_training(studio: Studio, port: int, projects: Sequence[int]) -> Iterator[None]:
    """Keep all projects due for training."""
    tasks = {
        number: itertools.cycle(
            [
                task["annotations"][0]
                for task in itertools.islice(iterate_tasks(studio, number), 40)
                if task["annotations"]
            ]
        )
        for number in projects
    }
    stopping = threading.Event()

    def keep() -> None:
        for number in itertools.cycle(projects):
            annotation = next(tasks[number])
            for region in annotation["result"]:
                if region["from_name"] == "did":
                    other = {"comply": "full_refusal", "full_refusal": "comply"}
                    region["value"]["choices"] = [other[region["value"]["choices"][0]]]
            studio.patch(f"/api/annotations/{annotation['id']}/", {"result": annotation["result"]})
            event = {"action": "START_TRAINING", "project": {"id": number}}
            ask(port, "POST", "/webhook", event)
            if stopping.wait(CHANGE_EVERY):
                return

    for number in projects:
        ask(port, "POST", "/webhook", {"action": "START_TRAINING", "project": {"id": number}})
    thread = threading.Thread(target=keep)
    thread.start()
    try:
        yield
    finally:
        stopping.set()
        thread.join()


@contextmanager
def while_drafting(port: int, project: str, rows: Path | None) -> Iterator[Timed]:
    """Ask for drafts without end, of another task each time; the slow model writes in them."""
    kind, kept, stopping = kind_named("refusal"), Timed(), threading.Event()
    texts = itertools.cycle(records_of("refusal", rows, 500))
    numbers = itertools.count()

    def work() -> None:
        while not stopping.is_set():
            number = next(numbers)
            data = kind.codec.to_task(next(texts))
            data["prompt"] = f"{data['prompt']} ({number})"
            body = {
                "tasks": [{"id": number, "data": data}],
                "project": project,
                "label_config": kind.config(),
            }
            timed(kept, 200, lambda body=body: ask(port, "POST", "/predict", body))

    threads = [threading.Thread(target=work, daemon=True) for _ in range(DRAFTING)]
    for thread in threads:
        thread.start()
    try:
        yield kept
    finally:
        stopping.set()
        for thread in threads:
            thread.join()


def requests(port: int, project: int, seconds: float, table: list[str], name: str) -> None:
    """Measure `/health` and webhooks for some seconds, and add their rows to the table."""
    health, hooks, states = Timed(), Timed(), list[str]()
    end, numbers = time.monotonic() + seconds, itertools.count(10_000_000)
    while time.monotonic() < end:
        body = json.loads(timed(health, 200, lambda: ask(port, "GET", "/health")))
        states.append(body["learning"]["state"])
        event = {
            "action": "ANNOTATION_CREATED",
            "project": {"id": project},
            "annotation": {"id": next(numbers), "updated_at": "2026-01-01T00:00:00Z"},
        }
        timed(hooks, 202, lambda event=event: ask(port, "POST", "/webhook", event))
        time.sleep(0.02)
    working = 100 * states.count("working") / len(states)
    table += [health.row(f"`/health`, {name}"), hooks.row(f"webhook, {name}")]
    said(f"{name}: in {working:.0f} % of the looks a training was under way")


def saves(studio: Studio, port: int, count: int, table: list[str], name: str) -> None:
    """Save new annotations with our webhook on and off in turn; add rows and the difference."""
    kind = kind_named("preference")
    project = create_project(studio, kind)
    data = [kind.codec.to_task(each) for each in records_of("preference", None, 2 * count)]
    for start in range(0, len(data), CHUNK):
        studio.post(f"/api/projects/{project}/import", data[start : start + CHUNK], timeout=300)
    hook = connect_backend(studio, project, f"http://127.0.0.1:{port}").webhook_id
    tasks = [int(task["id"]) for task in iterate_tasks(studio, project, include=("id",))]
    regions = to_regions(kind.to_annotation(Preference("b")), kind.screen)
    kept = {True: Timed(), False: Timed()}
    for place, task in enumerate(tasks):
        active = (place + place // 2) % 2 == 0  # on, off, off, on: neither is always the later one
        studio.patch(f"/api/webhooks/{hook}/", {"is_active": active})
        began = time.perf_counter()
        studio.post(f"/api/tasks/{task}/annotations/", {"result": regions, "lead_time": 5.0})
        kept[active].ms.append(1000 * (time.perf_counter() - began))
    table += [kept[True].row(f"save with our webhook, {name}")]
    table += [kept[False].row(f"save without, {name}")]
    with_it, without = (statistics.median(kept[active].ms) for active in (True, False))
    said(f"{name}: the median of {count} saves with our webhook is {with_it - without:+.1f} ms")


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=Path)
    parser.add_argument("--answers", type=int, default=800)
    parser.add_argument("--saves", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=30.0)
    given = parser.parse_args()
    said(f"load average before: {os.getloadavg()[0]:.1f}; {os.cpu_count()} cores")
    quiet: dict[str, Any] = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    with (
        tempfile.TemporaryDirectory() as folder,
        EmbeddedStudio(DataDir(Path(folder, "studio"))) as running,
    ):
        studio, state = running.studio, DataDir(Path(folder, "mine")).create()
        projects = answered_projects(studio, given.rows, given.answers)
        said(f"{PROJECTS} projects with {given.answers} answers each")
        port, model = free_port(), free_port()
        slow = subprocess.Popen([sys.executable, "-c", SLOW_MODEL, str(model)], **quiet)
        command = [
            *(Path(sys.executable).with_name("goldleaf"), "serve", "--port", port),
            *("--predictor", "auto", "--endpoint", f"http://127.0.0.1:{model}/v1"),
            *("--model-name", "slow", "--url", studio.url, "--data-dir", state.path),
        ]
        log = Path(folder, "log")
        env = {**os.environ, "GOLDLEAF_TOKEN": studio.token}
        table: list[str] = []
        try:
            with (
                log.open("wb") as output,
                running_server(command, port, env=env, stdout=output, stderr=output) as server,
            ):
                requests(port, NO_PROJECT, given.seconds / 3, table, "nothing else to do")
                key = project_key(get_project(studio, projects[0]))
                with (
                    while_training(studio, port, projects),
                    while_drafting(port, key, given.rows) as drafts,
                ):
                    until_working(port)
                    cpu, began = cpu_of(server), time.monotonic()
                    requests(port, projects[0], given.seconds, table, "training and drafting")
                    saves(studio, port, given.saves, table, "training and drafting")
                    cpu, began = cpu_of(server) - cpu, time.monotonic() - began
                    status = json.loads(ask(port, "GET", "/health")[1])["learning"]
                table.append(drafts.row("drafts of the slow model (meant to be slow)"))
                said(
                    f"the backend took {cpu:.0f} CPU seconds in {began:.0f}, fits not counted; "
                    f"{status['rounds']} rounds, {status['learned']} models published"
                )
        finally:
            slow.kill()
            slow.wait()
            for line in log.read_text("utf-8", "replace").splitlines():
                if "WARNING" in line or "ERROR" in line:
                    said(line)
    said(f"load average: {os.getloadavg()[0]:.1f}")
    said("| what | requests | p50, ms | p99, ms | most, ms | errors |")
    said("|---|---:|---:|---:|---:|---:|")
    for row in table:
        said(row)


def until_working(port: int) -> None:
    """Wait until a training is under way."""
    for _ in range(600):
        if json.loads(ask(port, "GET", "/health")[1])["learning"]["state"] == "working":
            return
        time.sleep(0.2)
    raise SystemExit("no training began in two minutes")


if __name__ == "__main__":
    main()
