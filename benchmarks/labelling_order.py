"""How many labels the queue by uncertainty saves against a random order.

    make bench-queue ROWS=FOLDER
    python benchmarks/labelling_order.py --rows FOLDER [--seeds 10] [--live]

FOLDER holds `xstest_completions_dev` and `do_not_answer_prompts` (`.jsonl.gz`). Each seed holds a
quarter of the prompts out and draws an order of the rest. The model is that of the product (`fit`),
the next ten labels are those with the least `priorities` of the classifier; until two choices have
five labels there is no model and the order is the random one. Only the folds that set the
thresholds of drafts are left out: they do not touch the order, and are most of the time. "Labels
needed": the first size at which the mean over the seeds reaches 95 or 98 % of the accuracy with all
labels.

`--live` has a real Label Studio serve the tasks of one such queue through `/next` to a scripted
annotator, and compares the order.
"""

from __future__ import annotations

import argparse
import gzip
import json
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from goldleaf.backend.predictors.classifier import Learned
from goldleaf.backend.predictors.predictor import priorities
from goldleaf.backend.training import fit_model
from goldleaf.backend.training.classifier_model import Model
from goldleaf.backend.training.training_examples import Example
from goldleaf.label_configs.registry import kind_named

KIND = kind_named("refusal")
BATCH = 10
"""Labels between two fits: as many as `RetrainingSchedule.fresh` waits for."""
MOST = 400


@dataclass(frozen=True)
class Row:
    """A prompt, perhaps with an answer, and the label that people gave."""

    data: dict[str, str]
    label: str
    group: str


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


def learned(rows: Sequence[Row], control: str) -> Model:
    """Return the product's model of some labelled rows."""
    found = [
        Example(f"{place:05}", row.group, row.data, {control: (row.label,)}, frozenset())
        for place, row in enumerate(rows)
    ]
    return fit_model.fit(found, {control: False}, KIND.id)


def accuracy(model: Model, rows: Sequence[Row]) -> float:
    """Return the share of rows whose likeliest class is their label, 0 without heads."""
    asked = [model.ask(row.data) for row in rows]
    return float(
        np.mean([bool(a) and a[0].choice == r.label for a, r in zip(asked, rows, strict=True)])
    )


def curve(order: Sequence[Row], test: Sequence[Row], control: str, *, unsure: bool) -> list[float]:
    """Return the accuracy after each batch of labels, taken in order or the least sure first."""
    left, done, found = list(order), list[Row](), list[float]()
    model = None
    while len(done) < min(MOST, len(order) - BATCH):
        if unsure and model and model.heads:
            places = priorities(Learned("", model), KIND, [row.data for row in left])
            ranked = np.argsort(np.array(places, float), kind="stable")
            left = [left[place] for place in ranked]
        done, left = [*done, *left[:BATCH]], left[BATCH:]
        model = learned(done, control)
        found.append(accuracy(model, test))
    return found


def needed(curves: Sequence[Sequence[float]], full: float, share: float) -> int | None:
    """Return the first number of labels at which the mean curve reaches `share` of `full`."""
    shortest = min(map(len, curves))
    mean = np.mean([each[:shortest] for each in curves], axis=0)
    reached = np.flatnonzero(mean >= share * full)
    return int((reached[0] + 1) * BATCH) if len(reached) else None


def without_folds() -> None:
    """Leave out the folds that set the thresholds of drafts."""
    fit_model._unseen = lambda fresh, matrix, y, groups: [("", 0.0)] * len(y)  # pyright: ignore


def measure(name: str, control: str, rows: list[Row], seeds: Sequence[int]) -> bool:
    """Print the labels needed of one set; return whether the queue needs at least 20 % fewer."""
    curves: dict[bool, list[list[float]]] = {False: [], True: []}
    fulls: list[float] = []
    for seed in seeds:
        chance = np.random.default_rng(seed)
        groups = sorted({row.group for row in rows})
        held = set(chance.permutation(groups)[: len(groups) // 4].tolist())
        test = [row for row in rows if row.group in held]
        pool = [row for row in rows if row.group not in held]
        order = [pool[place] for place in chance.permutation(len(pool))]
        fulls.append(accuracy(learned(order, control), test))
        for unsure, found in curves.items():
            found.append(curve(order, test, control, unsure=unsure))
    full, fine = float(np.mean(fulls)), True
    say(f"{name}: {len(seeds)} seeds, accuracy with all labels {full:.3f}")
    for share in (0.95, 0.98):
        random, unsure = (needed(curves[way], full, share) for way in (False, True))
        saved = 1 - unsure / random if random and unsure else 0.0
        alone = [
            (needed([a], top, share), needed([b], top, share))
            for a, b, top in zip(curves[False], curves[True], fulls, strict=True)
        ]
        more = sum((b or MOST + 1) > (a or MOST + 1) for a, b in alone)
        fine = fine and saved >= 0.2
        say(
            f"  {share:.0%}: random {random}, by uncertainty {unsure}: {saved:.0%} fewer; "
            f"seeds in which more were needed: {more} of {len(alone)}",
        )
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
    if given.live:
        control, rows = named["XSTest"]
        raise SystemExit(0 if live(rows[:200], control) else 1)
    without_folds()
    fine = [
        measure(name, control, rows, range(given.seeds))
        for name, (control, rows) in named.items()
        if given.only in name
    ]
    raise SystemExit(0 if all(fine) else 1)


if __name__ == "__main__":
    main()
