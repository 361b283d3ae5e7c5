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
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from drafting_tasks import NUMBERS, learn, predict_bodies, records_of
from http_load import free_port, load, running_server
from spent import cpu_of

from goldleaf.backend.training.ngrams import texts_of
from goldleaf.core.data_dir import DataDir
from goldleaf.label_configs.registry import kind_named

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
            tasks[kind] = [show(record) for record in records_of(kind, given.rows, 1000)]
            size = statistics.mean(sum(map(len, texts_of(t).values())) for t in tasks[kind])
            features = learn(data.models, kind, tasks[kind])
            say(f"{kind}: {len(tasks[kind])} tasks, {size:,.0f} characters, {features:,} features")
        port = free_port()
        kept = {"GOLDLEAF_DATA_DIR": str(data.path), "GOLDLEAF_TOKEN": ""}
        ours = [Path(sys.executable).with_name("goldleaf"), "serve", "--port", port]
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        say("server    kind        batch conns   tasks/s    req/s     p50     p99 errors  CPU, ms")

        def measure(name: str, server: int, kind: str, batch: int, connections: int) -> None:
            bodies = predict_bodies(kind, tasks[kind], batch)
            load(port, bodies, connections, 0.5)
            cpu = cpu_of(server)
            done = load(port, bodies, connections, given.seconds)
            each = 1000 * (cpu_of(server) - cpu) / (done.requests * batch)
            say(f"{name:<9} {kind:<11} {batch:5} {connections:5} {done.line(batch)} {each:11.3f}")

        runs = [("refusal", 100, 1), ("refusal", 1, 8), ("refusal", 1, 32)]
        with running_server(ours, port, env={**os.environ, **kept}, **quiet) as server:
            for kind in ("instruction", "preference"):
                measure("goldleaf", server, kind, 100, 1)
            for kind, batch, connections in runs:
                measure("goldleaf", server, kind, batch, connections)
        if given.peer:
            command = _peer(given.peer, given.peer_python, work, tasks["refusal"])
            port = free_port()
            command += ["--bind", f"127.0.0.1:{port}", "--no-control-socket"]
            env = {**os.environ, "PYTHONPATH": str(given.peer), "MODEL_DIR": str(work)}
            with running_server(command, port, env=env, cwd=work, **quiet) as server:
                for kind, batch, connections in runs:
                    measure("upstream", server, kind, batch, connections)


if __name__ == "__main__":
    main()
