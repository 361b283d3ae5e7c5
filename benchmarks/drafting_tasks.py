"""Tasks of a kind from public rows, a model learned from some of them, and requests for drafts.

Rows are `xstest_completions_dev.jsonl.gz`, `alpaca_gpt4_{en,zh}_demo.jsonl.gz` and
`alpaca_eval_gpt4_pairs.jsonl.gz` of a folder; without one they are made.
"""

from __future__ import annotations

import gzip
import json
import re
import statistics
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from goldleaf.backend.training.fit_model import fit
from goldleaf.backend.training.model_file import to_bytes
from goldleaf.backend.training.model_store import ModelStore
from goldleaf.backend.training.ngrams import texts_of
from goldleaf.backend.training.training_examples import Example
from goldleaf.core.records import Candidate, Comparison, Demonstration, Record, Turn
from goldleaf.label_configs.registry import kind_named

NUMBERS = {"refusal": 1, "instruction": 2, "preference": 3}
"""Kind -> number of the project that asks for drafts of it."""
_CREATED = "1795363614"


def _rows(folder: Path, name: str) -> list[dict[str, Any]]:
    with gzip.open(folder / name, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def _demonstration(prompt: str, answer: str) -> Demonstration:
    return Demonstration((Turn("user", prompt),), (Turn("assistant", answer),))


def _pair(prompt: str, a: str, b: str) -> Comparison:
    sides = tuple(Candidate((Turn("assistant", answer),)) for answer in (a, b))
    return Comparison((Turn("user", prompt),), candidates=sides)


def records_of(kind: str, folder: Path | None, count: int) -> list[Record]:
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


def learn(models: Path, kind: str, tasks: Sequence[dict[str, Any]], rows: int = 150) -> int:
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


def predict_bodies(kind: str, tasks: Sequence[dict[str, Any]], batch: int) -> list[bytes]:
    """Return whole HTTP requests for drafts of all tasks, so many tasks in each."""
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
