"""How many labels the queue by uncertainty saves against a random order.

    make bench-queue ROWS=FOLDER
    python benchmarks/labelling_order.py --rows FOLDER [--seeds 10] [--live]

FOLDER holds `xstest_completions_dev` and `do_not_answer_prompts` (`.jsonl.gz`). Each seed holds a
quarter of the prompts out and draws an order of the rest. The model is that of `fit_model.fit`,
with n-grams counted once; the next ten labels are those whose likeliest choice is least likely, as
the classifier's `priorities` say. Until there are thirty labels there is no model and the order is
the random one. "Labels needed": the first size at which the mean over the seeds reaches 95 or 98 %
of the accuracy with all labels.

`--live` has a real Label Studio serve the tasks of one such queue through `/next` to a scripted
annotator, and compares the order.
"""

from __future__ import annotations

import argparse
import gzip
import json
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.feature_extraction.text import CountVectorizer, TfidfTransformer
from sklearn.linear_model import LogisticRegression

from goldleaf.backend.predictors.classifier import QUEUED_FROM
from goldleaf.backend.training.feature_matrix import MAX_FEATURES
from goldleaf.backend.training.held_out import FOLDS, STRENGTH
from goldleaf.backend.training.ngrams import ngrams, texts_of
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


class Runs:
    """The n-grams of all rows, counted once: a fit then costs a tenth of the product's own."""

    def __init__(self, rows: Sequence[Row]) -> None:
        self.labels = np.array([row.label for row in rows])
        counter = CountVectorizer(analyzer=lambda row: list(ngrams(texts_of(row.data)).elements()))
        self.counts: Any = counter.fit_transform(rows).tocsr()

    def fitted(self, places: Sequence[int]) -> Callable[[Sequence[int]], Any] | None:
        """Return what the product's model of these rows says: places -> probabilities.

        None before `QUEUED_FROM` labels, and before two choices have `FOLDS`. Weights, features and their
        number are those of `fit_model.fit` (a test holds that its model says what scikit-learn
        says).
        """
        common = Counter(self.labels[places].tolist()).values()
        if len(places) < QUEUED_FROM or sum(count >= FOLDS for count in common) < 2:
            return None
        train = self.counts[places]
        often = np.asarray((train > 0).sum(axis=0)).ravel() >= 2
        total = np.asarray(train.sum(axis=0)).ravel() * often
        columns = np.sort(np.argsort(-total, kind="stable")[: min(MAX_FEATURES, int(often.sum()))])
        weigh = TfidfTransformer(sublinear_tf=True).fit(train[:, columns])
        model = LogisticRegression(C=STRENGTH, max_iter=2_000)
        model.fit(weigh.transform(train[:, columns]), self.labels[places])
        self.classes = model.classes_

        def ask(others: Sequence[int]) -> Any:
            return model.predict_proba(weigh.transform(self.counts[others][:, columns]))

        return ask

    def accuracy(self, ask: Callable[[Sequence[int]], Any] | None, test: Sequence[int]) -> float:
        """Return the share of rows whose likeliest class is their label; 0 without a model."""
        if ask is None:
            return 0.0
        return float(np.mean(self.classes[ask(test).argmax(axis=1)] == self.labels[test]))


def curve(runs: Runs, order: Sequence[int], test: Sequence[int], *, unsure: bool) -> list[float]:
    """Return the accuracy after each batch of labels, taken in order or the least sure first."""
    left, done, found, ask = list(order), list[int](), list[float](), None
    while len(done) < min(MOST, len(order) - BATCH):
        if unsure and ask:
            sure = ask(left).max(axis=1)
            left = [left[place] for place in np.argsort(sure, kind="stable")]
        done, left = [*done, *left[:BATCH]], left[BATCH:]
        ask = runs.fitted(done)
        found.append(runs.accuracy(ask, test))
    return found


def needed(curves: Sequence[Sequence[float]], full: float, share: float) -> int | None:
    """Return the first number of labels at which the mean curve reaches `share` of `full`."""
    shortest = min(map(len, curves))
    mean = np.mean([each[:shortest] for each in curves], axis=0)
    reached = np.flatnonzero(mean >= share * full)
    return int((reached[0] + 1) * BATCH) if len(reached) else None


def measure(name: str, rows: list[Row], seeds: Sequence[int]) -> bool:
    """Print the labels needed of one set; return whether the queue needs at least 20 % fewer."""
    runs = Runs(rows)
    curves: dict[bool, list[list[float]]] = {False: [], True: []}
    fulls: list[float] = []
    for seed in seeds:
        chance = np.random.default_rng(seed)
        groups = sorted({row.group for row in rows})
        held = set(chance.permutation(groups)[: len(groups) // 4].tolist())
        test = [place for place, row in enumerate(rows) if row.group in held]
        rest = [place for place, row in enumerate(rows) if row.group not in held]
        order: list[int] = chance.permutation(rest).tolist()
        fulls.append(runs.accuracy(runs.fitted(order), test))
        for unsure, found in curves.items():
            found.append(curve(runs, order, test, unsure=unsure))
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
    fine = [
        measure(name, rows, range(given.seeds))
        for name, (_, rows) in named.items()
        if given.only in name
    ]
    raise SystemExit(0 if all(fine) else 1)


if __name__ == "__main__":
    main()
