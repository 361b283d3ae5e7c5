"""Drafts a second from a running `goldleaf serve`, with a learned model, over HTTP.

    python benchmarks/drafting.py [--rows FOLDER] [--peer FOLDER --peer-python PYTHON]

`--rows` is a folder with `xstest_completions_dev.jsonl.gz`, `alpaca_gpt4_{en,zh}_demo.jsonl.gz` and
`alpaca_eval_gpt4_pairs.jsonl.gz`; without it tasks are made of the sample rows. `--peer` is a
checkout of HumanSignal/label-studio-ml-backend and the Python that has what it needs (and
gunicorn): its own text classifier (TF-IDF and logistic regression) runs under its own server, one
process of eight threads as its Dockerfile starts it, and gets the same bodies in the same run.

Client and server share the machine. A connection stays open and asks again once it was answered.
"""

from __future__ import annotations

import argparse
import gzip
import itertools
import json
import os
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from spent import cpu_of

from goldleaf.backend.training.fit_model import fit
from goldleaf.backend.training.model_file import to_bytes
from goldleaf.backend.training.model_store import ModelStore
from goldleaf.backend.training.ngrams import texts_of
from goldleaf.backend.training.training_examples import Example
from goldleaf.core.data_dir import DataDir
from goldleaf.core.records import Candidate, Comparison, Demonstration, Record, Turn
from goldleaf.label_configs.registry import kind_named

NUMBERS = {"refusal": 1, "instruction": 2, "preference": 3}
_CREATED = "1795363614"
_PEER_FIT = """
import json, pickle, sys
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
told = json.load(sys.stdin)
model = make_pipeline(
    TfidfVectorizer(ngram_range=(1, 3), token_pattern=r"(?u)\\b\\w\\w+\\b|\\w"),
    LogisticRegression(C=10),
)
model.fit(told["texts"], told["labels"])
pickle.dump(model, open("model.pkl", "wb"))
"""


def _rows(folder: Path, name: str) -> list[dict[str, Any]]:
    with gzip.open(folder / name, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def _demonstration(prompt: str, answer: str) -> Demonstration:
    return Demonstration((Turn("user", prompt),), (Turn("assistant", answer),))


def _pair(prompt: str, a: str, b: str) -> Comparison:
    sides = tuple(Candidate((Turn("assistant", answer),)) for answer in (a, b))
    return Comparison((Turn("user", prompt),), candidates=sides)


def _records(kind: str, folder: Path | None, count: int) -> list[Record]:
    """Return `count` records of a kind, each once."""
    if folder is None:
        text = "It depends on the place, on the season and on who asks. "
        made = [(f"How do I do number {n}?", text * (5 + n % 20) + str(n)) for n in range(count)]
        if kind == "preference":
            return [_pair(p, a, a[56:] + "!") for p, a in made]
        return [_demonstration(p, a) for p, a in made]
    found: list[Record] = []
    if kind == "refusal":
        rows = _rows(folder, "xstest_completions_dev.jsonl.gz")
        found += [_demonstration(row["prompt"], row["completion"]) for row in rows]
    elif kind == "instruction":
        for pair in zip(
            _rows(folder, "alpaca_gpt4_en_demo.jsonl.gz"),
            _rows(folder, "alpaca_gpt4_zh_demo.jsonl.gz"),
            strict=False,
        ):
            found += [
                _demonstration("\n".join(filter(None, (r["instruction"], r["input"]))), r["output"])
                for r in pair
            ]
    else:
        for row in _rows(folder, "alpaca_eval_gpt4_pairs.jsonl.gz")[:count]:
            found.append(_pair(row["instruction"], row["output_1"], row["output_2"]))
    return found[:count]


def _learn(models: Path, kind: str, tasks: Sequence[dict[str, Any]], rows: int = 150) -> int:
    """Fit a model on some of the tasks, with labels that their form gives; return its features."""
    control, one, other = {
        "refusal": ("did", "comply", "full_refusal"),
        "instruction": ("behaviours", "knowledge", "chat"),
        "preference": ("noticed", "language", "identical"),
    }[kind]  # a model drafts nothing else: the rest is the annotator's own word
    long = statistics.median(len(str(sorted(task.items()))) for task in tasks)
    found = [
        Example(
            f"{place}/{place}@now",
            str(place // 3),
            texts_of(task),
            {control: (one if len(str(sorted(task.items()))) > long else other,)},
            frozenset(),
        )
        for place, task in enumerate(tasks[:rows])
    ]
    model = fit(found, {control: kind != "refusal"}, kind_named(kind).id)
    ModelStore(models).publish(f"{NUMBERS[kind]}.{_CREATED}", *to_bytes(model))
    return len(model.vocabulary)


def _config(kind: str) -> str:
    """Return the screen with <Text> for its texts: the one tag that upstream's example reads."""
    config = kind_named(kind).config()
    config = re.sub(r"<HyperText (.*?) inline=\"true\"/>", r"<Text \1/>", config)
    shown = "$answer_a" if kind == "preference" else "$answer"
    return re.sub(r'(<Text name="\w+" value=")[^"]+', rf"\g<1>{shown}", config, count=1)


def _bodies(kind: str, tasks: Sequence[dict[str, Any]], batch: int) -> list[bytes]:
    config, bodies = _config(kind), []
    for start in range(0, len(tasks) - batch + 1, batch):
        chunk = [
            {"id": start + n, "data": task, "annotations": [], "predictions": []}
            for n, task in enumerate(tasks[start : start + batch])
        ]
        project = f"{NUMBERS[kind]}.{_CREATED}"
        message = {"tasks": chunk, "project": project, "label_config": config, "params": {}}
        content = json.dumps(message).encode()
        head = "POST /predict HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
        bodies.append(head.encode() + f"Content-Length: {len(content)}\r\n\r\n".encode() + content)
    return bodies


@dataclass(frozen=True, slots=True)
class Load:
    """What a server did: requests, seconds, each request's ms, and answers that were not 200."""

    requests: int
    seconds: float
    ms: list[float]
    errors: int

    def line(self, batch: int) -> str:
        """Return tasks and requests a second, p50 and p99 in ms, errors."""
        ordered = sorted(self.ms)
        p50, p99 = ordered[len(ordered) // 2], ordered[int(len(ordered) * 0.99)]
        rate = self.requests / self.seconds
        return f"{rate * batch:9,.0f} {rate:8,.0f} {p50:7.1f} {p99:7.1f} {self.errors:6}"


def load(port: int, bodies: Sequence[bytes], connections: int, seconds: float) -> Load:
    """Ask for `seconds` over so many connections, each asking again once it was answered."""
    end = time.perf_counter() + seconds
    turns = itertools.cycle(range(len(bodies)))
    ms: list[float] = []
    errors: list[int] = []

    def work() -> None:
        with socket.create_connection(("127.0.0.1", port)) as line, line.makefile("rb") as answer:
            line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            while (began := time.perf_counter()) < end:
                line.sendall(bodies[next(turns)])
                status, length, closing = answer.readline(), 0, False
                while (header := answer.readline().lower()) not in (b"\r\n", b""):
                    if header.startswith(b"content-length:"):
                        length = int(header[15:])
                    closing |= header.startswith(b"connection: close")
                answer.read(length)
                ms.append(1000 * (time.perf_counter() - began))
                if b" 200 " not in status:
                    errors.append(1)
                if closing:
                    return work()

    began = time.perf_counter()
    threads = [threading.Thread(target=work) for _ in range(connections)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return Load(len(ms), time.perf_counter() - began, ms, len(errors))


@contextmanager
def _server(command: Sequence[object], port: int, **where: Any) -> Iterator[int]:
    """Run a server until the end of the block; yield its process once it is healthy."""
    process = subprocess.Popen([str(part) for part in command], **where)
    try:
        for _ in range(300):
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=1).read()
                break
            except OSError:
                if process.poll() is not None:
                    raise SystemExit(f"{command[0]} ended with {process.returncode}") from None
                time.sleep(0.2)
        yield process.pid
    finally:
        process.terminate()
        process.wait()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


def _peer(folder: Path, python: Path, work: Path, tasks: Sequence[dict[str, Any]]) -> list[object]:
    """Prepare upstream's example with a model of the same texts; return the command for it."""
    found = sorted(kind_named("refusal").screen.controls["decision"].choices)
    told = {
        "texts": [task["answer"] or "none" for task in tasks[:150]],
        "labels": [place % len(found) for place in range(len(tasks[:150]))],
    }
    subprocess.run(
        [python, "-c", _PEER_FIT], input=json.dumps(told), text=True, cwd=work, check=True
    )
    return [
        *(python, "-m", "gunicorn", "--preload", "--workers", 1, "--threads", 8, "--timeout", 0),
        *("--chdir", folder / "label_studio_ml/examples/sklearn_text_classifier", "_wsgi:app"),
    ]


def main() -> None:
    """Print a table: batches of 100 for each kind, then single tasks, ours and the peer's."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=Path)
    parser.add_argument("--peer", type=Path)
    parser.add_argument("--peer-python", type=Path)
    parser.add_argument("--seconds", type=float, default=5.0)
    given = parser.parse_args()

    def say(text: str) -> None:
        print(text, flush=True)  # noqa: T201

    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        data = DataDir(work / "state").create()
        tasks: dict[str, list[dict[str, Any]]] = {}
        for kind in NUMBERS:
            show = kind_named(kind).codec.to_task
            tasks[kind] = [show(record) for record in _records(kind, given.rows, 1000)]
            size = statistics.mean(sum(map(len, texts_of(t).values())) for t in tasks[kind])
            features = _learn(data.models, kind, tasks[kind])
            say(f"{kind}: {len(tasks[kind])} tasks, {size:,.0f} characters, {features:,} features")
        port = _free_port()
        kept = {"GOLDLEAF_DATA_DIR": str(data.path), "GOLDLEAF_TOKEN": ""}
        ours = [Path(sys.executable).with_name("goldleaf"), "serve", "--port", port]
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        say("server    kind        batch conns   tasks/s    req/s     p50     p99 errors  CPU, ms")

        def measure(name: str, server: int, kind: str, batch: int, connections: int) -> None:
            bodies = _bodies(kind, tasks[kind], batch)
            load(port, bodies, connections, 0.5)
            cpu = cpu_of(server)
            done = load(port, bodies, connections, given.seconds)
            each = 1000 * (cpu_of(server) - cpu) / (done.requests * batch)
            say(f"{name:<9} {kind:<11} {batch:5} {connections:5} {done.line(batch)} {each:11.3f}")

        runs = [("refusal", 100, 1), ("refusal", 1, 8), ("refusal", 1, 32)]
        with _server(ours, port, env={**os.environ, **kept}, **quiet) as server:
            for kind in ("instruction", "preference"):
                measure("goldleaf", server, kind, 100, 1)
            for kind, batch, connections in runs:
                measure("goldleaf", server, kind, batch, connections)
        if given.peer:
            command = _peer(given.peer, given.peer_python, work, tasks["refusal"])
            port = _free_port()
            command += ["--bind", f"127.0.0.1:{port}", "--no-control-socket"]
            env = {**os.environ, "PYTHONPATH": str(given.peer), "MODEL_DIR": str(work)}
            with _server(command, port, env=env, cwd=work, **quiet) as server:
                for kind, batch, connections in runs:
                    measure("upstream", server, kind, batch, connections)


if __name__ == "__main__":
    main()
