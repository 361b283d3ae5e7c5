"""How many labels the queue by uncertainty saves against a random order.

    make bench-queue ROWS=FOLDER
    python benchmarks/labelling_order.py --rows FOLDER [--seeds 10] [--live]

FOLDER holds `xstest_completions_dev` and `do_not_answer_prompts` (`.jsonl.gz`). Each seed holds a
quarter of the prompts out and draws an order of the rest. After ten labels each the product's own
model is fitted (`fit_model.fit`), and the next ten are those that its `priorities` put first;
before it gives any, those of `first_order`, and the first ten are drawn. "Labels needed": the first
size at which the mean over the seeds reaches 95 or 98 % of the accuracy with all labels.

`--live` has a real Label Studio serve the tasks of one such queue through `/next` to a scripted
annotator, and compares the order.
"""

from __future__ import annotations

import argparse
import gzip
import json
import math
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from goldleaf.backend.predictors.classifier import Learned
from goldleaf.backend.training import classifier_model, feature_matrix
from goldleaf.backend.training.classifier_model import Model
from goldleaf.backend.training.first_order import first_order
from goldleaf.backend.training.fit_model import fit
from goldleaf.backend.training.ngrams import texts_of
from goldleaf.backend.training.task_features import verdicts
from goldleaf.backend.training.training_examples import Example
from goldleaf.label_configs.registry import kind_named

KIND = kind_named("refusal")
BATCH = 10
"""Labels between two fits: as many as `RetrainingSchedule.fresh` waits for."""
MOST = 300
SAVED = 0.2


@dataclass(frozen=True)
class Row:
    """A prompt, perhaps with an answer, and the label that people gave."""

    data: dict[str, str]
    label: str
    group: str

    def example(self, number: int, control: str) -> Example:
        """Return it as an answer that a project learns from."""
        choices = {control: (self.label,)}
        return Example(f"{number:06}", self.group, texts_of(self.data), choices, frozenset())


def say(text: str) -> None:
    """Print a line at once."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def read(folder: Path, name: str) -> list[dict[str, Any]]:
    """Return the rows of a gzipped JSON Lines file."""
    with gzip.open(folder / f"{name}.jsonl.gz", "rt", encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def sets(folder: Path) -> dict[str, tuple[str, list[Row]]]:
    """Return name -> (control of the refusal kind, rows): how replies refuse, and kinds of risk."""
    xstest = [
        Row({"prompt": row["prompt"], "answer": row["completion"]}, row["final_label"], row["id"])
        for row in read(folder, "xstest_completions_dev")
    ]
    asked = [
        Row({"prompt": row["prompt"]}, row["risk_area"], row["prompt"])
        for row in read(folder, "do_not_answer_prompts")
    ]
    return {"XSTest": ("did", xstest), "do_not_answer": ("risk", asked)}


def fitted(rows: Sequence[Row], places: Sequence[int], control: str) -> Model:
    """Return the model that the product learns from the rows at some places."""
    return fit([rows[n].example(n, control) for n in places], {control: False}, KIND.id)


def accuracy(model: Model, rows: Sequence[Row]) -> float:
    """Return the share of rows whose likeliest choice is their label; 0 before one is asked."""
    asked = [model.ask(row.data) for row in rows]
    return sum(
        bool(each) and each[0].choice == row.label for each, row in zip(asked, rows, strict=True)
    ) / len(rows)


def curve(
    rows: Sequence[Row], control: str, order: Sequence[int], test: Sequence[Row], *, unsure: bool
) -> list[float]:
    """Return the accuracy after each batch of labels, taken in order or the least sure first."""
    left, done, found = list(order), list[int](), list[float]()
    while len(done) < min(MOST, len(order) - BATCH):
        done, left = [*done, *left[:BATCH]], left[BATCH:]
        model = fitted(rows, done, control)
        found.append(accuracy(model, test))
        if unsure:
            asked = [rows[n].data for n in left]
            places = Learned("measured", model).priorities(KIND, asked)
            if all(place is None for place in places):
                places = first_order(asked)
            ranked = sorted(
                zip(places, left, strict=True),
                key=lambda each: math.inf if each[0] is None else each[0],
            )
            left = [n for _, n in ranked]
    return found


def needed(curves: Sequence[Sequence[float]], full: float, share: float) -> int | None:
    """Return the first number of labels at which the mean curve reaches `share` of `full`."""
    shortest = min(map(len, curves))
    mean = np.mean([each[:shortest] for each in curves], axis=0)
    reached = np.flatnonzero(mean >= share * full)
    return int((reached[0] + 1) * BATCH) if len(reached) else None


def measure(name: str, control: str, rows: list[Row], seeds: Sequence[int]) -> bool:
    """Print the labels needed of one set; return whether the queue needs at least 20 % fewer."""
    curves: dict[bool, list[list[float]]] = {False: [], True: []}
    fulls: list[float] = []
    for seed in seeds:
        chance = np.random.default_rng(seed)
        groups = sorted({row.group for row in rows})
        held = set(chance.permutation(groups)[: len(groups) // 4].tolist())
        test = [row for row in rows if row.group in held]
        rest = [place for place, row in enumerate(rows) if row.group not in held]
        order: list[int] = chance.permutation(rest).tolist()
        fulls.append(accuracy(fitted(rows, order, control), test))
        for unsure, found in curves.items():
            found.append(curve(rows, control, order, test, unsure=unsure))
    full, fine = float(np.mean(fulls)), True
    say(f"{name}: {len(seeds)} seeds, accuracy with all labels {full:.3f}")
    for share in (0.95, 0.98):
        drawn, unsure = (needed(curves[way], full, share) for way in (False, True))
        saved = 1 - unsure / drawn if drawn and unsure else 0.0
        fine = fine and saved >= SAVED
        say(f"  {share:.0%}: random {drawn}, by uncertainty {unsure}: {saved:.0%} fewer")
    return fine


def live(rows: list[Row], control: str) -> bool:
    """Have Label Studio serve a queue that `run_training` stored; return whether it kept it."""
    from goldleaf.backend.predictors.predictor_registry import open_predictor
    from goldleaf.backend.training.fit_process import Fitting
    from goldleaf.backend.training.model_store import ModelStore
    from goldleaf.backend.training.training_run import run_training
    from goldleaf.core.data_dir import DataDir
    from goldleaf.core.records import Demonstration, Turn
    from goldleaf.label_configs.regions import to_regions
    from goldleaf.studio.annotation_stream import stream_tasks
    from goldleaf.studio.embedded_label_studio import EmbeddedStudio
    from goldleaf.studio.projects import create_project, get_project
    from goldleaf.studio.submit import submit_annotation
    from goldleaf.studio.task_import import import_tasks

    did = {"1": "comply", "2": "full_refusal", "3": "partial_refusal"}
    with tempfile.TemporaryDirectory() as folder, EmbeddedStudio(DataDir(Path(folder))) as running:
        studio = running.studio
        project = create_project(studio, KIND)
        records = [
            Demonstration((Turn("user", r.data["prompt"]),), (Turn("assistant", r.data["answer"]),))
            for r in rows
        ]
        ids = import_tasks(studio, project, map(KIND.codec.to_task, records)).task_ids
        for task, row in list(zip(ids, rows, strict=True))[:60]:
            values = {control: (did[row.label[0]],)}
            submit_annotation(studio, int(task or 0), to_regions(values, KIND.screen))
        models = Path(folder) / "models"
        described, store = get_project(studio, project), ModelStore(models)
        done = run_training(studio, described, store, open_predictor("auto", models), Fitting)
        assert done, "the screen is our own"
        studio.patch(
            f"/api/projects/{project}", {"model_version": f"{KIND.id}:auto/{done.version}"}
        )
        placed = {
            task["id"]: (prediction["score"], task["id"])
            for task in stream_tasks(studio, project)
            for prediction in task["predictions"]
        }
        served: list[int] = []
        for _ in range(40):
            served.append(studio.get(f"/api/projects/{project}/next")["id"])
            submit_annotation(studio, served[-1], [], skipped=True)
        wanted = sorted(placed, key=lambda task: placed[task])[:40]
        say(
            f"live: {done.drafted} tasks with a draft and {done.placed} without have a place; "
            f"/next served the first 40 in this order: {served == wanted}"
        )
        return served == wanted


def main() -> None:
    """Measure, and end with 1 where a figure is missed."""
    asked = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    asked.add_argument("--rows", type=Path, required=True)
    asked.add_argument("--seeds", type=int, default=10)
    asked.add_argument("--live", action="store_true")
    asked.add_argument("--only", default="")
    given = asked.parse_args()
    named = sets(given.rows)
    # The same texts are asked about after each fit: half of a question's time.
    feature_matrix.verdicts = classifier_model.verdicts = cache(verdicts)
    if given.live:
        control, rows = named["XSTest"]
        raise SystemExit(0 if live(rows[:200], control) else 1)
    fine = [
        measure(name, control, rows, range(given.seeds))
        for name, (control, rows) in named.items()
        if given.only in name
    ]
    raise SystemExit(0 if all(fine) else 1)


if __name__ == "__main__":
    main()
