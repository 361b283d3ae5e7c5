"""How many labels the queue saves against a random order.

    make bench-queue ROWS=FOLDER
    python benchmarks/labelling_order.py --rows FOLDER [--fast] [--seeds 10] [--first 0]
        [--most 300] [--half first|second] [--only XSTest] [--curves] [--live]

FOLDER holds `xstest_completions_dev` and `do_not_answer_prompts` (`.jsonl.gz`). Each seed holds a
quarter of the prompts out and draws an order of the rest. After ten labels each the product's own
model is fitted (`fit_model.fit`), and the next ten are those that its `priorities`, spread over
prompts, put first; before it gives any, those of `first_order`. `--half` leaves the other half of
the prompts out of everything, by a hash.

"Labels needed": where the mean accuracy over the seeds first reaches 95 or 98 % of that with all
labels. It is measured at every second label up to 40, every fifth up to 100, every tenth then, and
interpolated between. A model that does not exist yet is right about nothing.

`--fast` fits the same model without held-out folds (`classifier_without_folds`), in a tenth of the
time, and says first by how much the two differ. Only where a model drafts before `QUEUED_FROM`
answers, which takes 25, would the order be another. `--live` has a real Label Studio serve the
tasks of one such queue through `/next` to a scripted annotator, and compares the order.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
import math
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any, Protocol, TypeAlias

import numpy as np
from classifier_without_folds import Table

from goldleaf.backend.predictors.classifier import QUEUED_FROM, Learned
from goldleaf.backend.training import classifier_model, feature_matrix
from goldleaf.backend.training import first_order as first_order_module
from goldleaf.backend.training.first_order import first_order
from goldleaf.backend.training.fit_model import fit
from goldleaf.backend.training.ngrams import texts_of
from goldleaf.backend.training.prompt_spread import spread_over_prompts
from goldleaf.backend.training.task_features import verdicts
from goldleaf.backend.training.training_examples import Example, prompt_group
from goldleaf.core.records import Demonstration, Turn
from goldleaf.curation.refusals.refusal_detector import refusal
from goldleaf.label_configs.registry import kind_named

KIND = kind_named("refusal")
BATCH = 10
"""Labels between two fits: as many as `RetrainingSchedule.fresh` waits for."""
MOST = 300
SIZES = frozenset({*range(2, 41, 2), *range(45, 101, 5), *range(110, MOST + 1, 10)})
"""Numbers of labels at which the accuracy is measured; after each batch, too."""
SAVED = 0.2


@dataclass(frozen=True)
class Row:
    """A task, and the label that people gave."""

    data: dict[str, Any]
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
    replies: list[Row] = []
    for row in read(folder, "xstest_completions_dev"):
        reply = Turn("assistant", row["completion"])
        data = KIND.codec.to_task(Demonstration((Turn("user", row["prompt"]),), (reply,)))
        replies.append(Row(data, row["final_label"], prompt_group(data)))
    prompts: list[Row] = []
    for row in read(folder, "do_not_answer_prompts"):
        data = {"prompt": row["prompt"]}
        prompts.append(Row(data, row["risk_area"], prompt_group(data)))
    return {"XSTest": ("did", replies), "do_not_answer": ("risk", prompts)}


class Fitted(Protocol):
    """A model that was learned from some rows of a set."""

    def accuracy(self, places: Sequence[int]) -> float:
        """Return the share of rows whose likeliest choice is their label; 0 without a question."""
        ...

    def priorities(self, places: Sequence[int]) -> list[float | None]:
        """Return what `Learned.priorities` says of rows."""
        ...


class WithFolds:
    """The product's own model."""

    def __init__(self, rows: Sequence[Row], control: str, places: Sequence[int]) -> None:
        examples = [rows[n].example(n, control) for n in places]
        self._rows, self.model = rows, fit(examples, {control: False}, KIND.id)

    def accuracy(self, places: Sequence[int]) -> float:
        """As `Fitted` says."""
        said = zip(self.model.ask_each([self._rows[n].data for n in places]), places, strict=True)
        right = sum(bool(each) and each[0].choice == self._rows[n].label for each, n in said)
        return right / len(places)

    def priorities(self, places: Sequence[int]) -> list[float | None]:
        """As `Fitted` says."""
        return Learned("measured", self.model).priorities(
            KIND, [self._rows[n].data for n in places]
        )


class WithoutFolds:
    """The same model by `classifier_without_folds`; it drafts nothing."""

    def __init__(self, rows: Sequence[Row], table: Table, places: Sequence[int]) -> None:
        self._rows, self._fit, self._count = rows, table.fit(places), len(places)

    def accuracy(self, places: Sequence[int]) -> float:
        """As `Fitted` says."""
        if not self._fit.classes:
            return 0.0
        said = [self._fit.classes[best] for best in self._fit.chances[places].argmax(axis=1)]
        return sum(a == self._rows[n].label for a, n in zip(said, places, strict=True)) / len(said)

    def priorities(self, places: Sequence[int]) -> list[float | None]:
        """As `Fitted` says."""
        if not self._fit.classes or self._count < QUEUED_FROM:
            return [None for _ in places]
        return [round(float(each), 4) for each in self._fit.margins[places]]


Learn: TypeAlias = Callable[[Sequence[int]], Fitted]


def learner(rows: Sequence[Row], control: str, *, fast: bool) -> Learn:
    """Return what learns from the rows at some places."""
    if not fast:
        return partial(WithFolds, rows, control)
    table = Table([row.example(n, control) for n, row in enumerate(rows)], control, KIND.id)
    drawn: list[int] = np.random.default_rng(0).permutation(len(rows)).tolist()
    own, quick = WithFolds(rows, control, drawn[:60]), WithoutFolds(rows, table, drawn[:60])
    asked = drawn[60:260]
    pairs = zip(own.priorities(asked), quick.priorities(asked), strict=True)
    apart = max(abs((one or 0.0) - (other or 0.0)) for one, other in pairs)
    say(f"with and without folds, 60 labels: margins of 200 rows differ by {apart:.4f} at most")
    return partial(WithoutFolds, rows, table)


def curve(
    learn: Learn,
    rows: Sequence[Row],
    order: Sequence[int],
    test: Sequence[int],
    most: int,
    queue: str | None,
) -> list[float]:
    """Return the accuracy at each of `SIZES`, in the order given or, with a draw, by the queue."""
    left, done, found = list(order), list[int](), list[float]()
    most, model = min(most, len(order) - BATCH), None
    while len(done) < most:
        if queue is not None:
            places = next_places(model, rows, done, left, queue)
            ranked = sorted(
                zip(places, left, strict=True),
                key=lambda each: math.inf if each[0] is None else each[0],
            )
            left = [n for _, n in ranked]
        for size in sorted(each for each in SIZES if 0 < each - len(done) <= BATCH):
            model = learn([*done, *left[: size - len(done)]])
            found.append(model.accuracy(test))
        done, left = [*done, *left[:BATCH]], left[BATCH:]
    return found


def next_places(
    model: Fitted | None, rows: Sequence[Row], done: Sequence[int], left: Sequence[int], draw: str
) -> list[float | None]:
    """Return the places that a training round gives, as `training_run` does."""
    places = model.priorities(left) if model else []
    if any(place is not None for place in places):
        groups = [rows[n].group for n in left]
        return spread_over_prompts(places, groups, [rows[n].group for n in done])
    answered = [rows[n].example(n, "") for n in done]
    return first_order([rows[n].data for n in left], answered, draw=draw)


def needed(means: Sequence[float], goal: float) -> float | None:
    """Return the number of labels at which the mean curve first reaches the goal."""
    before = (0, 0.0)
    for size, mean in zip(sorted(SIZES), means, strict=False):
        if mean >= goal:
            return before[0] + (size - before[0]) * (goal - before[1]) / (mean - before[1])
        before = (size, mean)
    return None


def measure(
    name: str, learn: Learn, rows: Sequence[Row], chosen: Sequence[int], given: argparse.Namespace
) -> bool:
    """Print the labels needed of one set; return whether the queue needs at least 20 % fewer."""
    drawn_curves, queue_curves, fulls = list[list[float]](), list[list[float]](), list[float]()
    groups = sorted({rows[n].group for n in chosen})
    for seed in range(given.first, given.first + given.seeds):
        chance = np.random.default_rng(seed)
        held = set(chance.permutation(groups)[: len(groups) // 4].tolist())
        test = [n for n in chosen if rows[n].group in held]
        rest = [n for n in chosen if rows[n].group not in held]
        order: list[int] = chance.permutation(rest).tolist()
        fulls.append(learn(order).accuracy(test))
        drawn_curves.append(curve(learn, rows, order, test, given.most, None))
        queue_curves.append(curve(learn, rows, order, test, given.most, f"seed {seed}"))
    full, fine = float(np.mean(fulls)), True
    drawn, queued = (
        np.mean([each[: min(map(len, curves))] for each in curves], axis=0)
        for curves in (drawn_curves, queue_curves)
    )
    say(f"{name}: {given.seeds} seeds from {given.first}, accuracy with all labels {full:.3f}")
    for share in (0.95, 0.98):
        one, other = needed(drawn, share * full), needed(queued, share * full)
        last = sorted(SIZES)[len(drawn) - 1]
        saved = 1 - other / (one or last) if other else 0.0
        fine = fine and saved >= SAVED
        shown = [f"{each:.1f}" if each else f"over {last}" for each in (one, other)]
        least = "" if one else "at least "
        say(f"  {share:.0%}: random {shown[0]}, by the queue {shown[1]}: {least}{saved:.0%} fewer")
    if given.curves:
        for size, *means in zip(sorted(SIZES), drawn, queued, strict=False):
            say(f"  {size:4} {means[0]:.3f} {means[1]:.3f}")
    return fine


def live(rows: list[Row], control: str) -> bool:
    """Have Label Studio serve a queue that `run_training` stored; return whether it kept it."""
    from goldleaf.backend.predictors.predictor_registry import open_predictor
    from goldleaf.backend.training.fit_process import Fitting
    from goldleaf.backend.training.model_store import ModelStore
    from goldleaf.backend.training.training_run import run_training
    from goldleaf.core.data_dir import DataDir
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
    asked.add_argument("--first", type=int, default=0, help="the first seed")
    asked.add_argument("--most", type=int, default=MOST, help="labels at which a curve ends")
    asked.add_argument("--half", choices=("first", "second"))
    asked.add_argument("--only", default="")
    asked.add_argument("--fast", action="store_true", help="without held-out folds")
    asked.add_argument("--curves", action="store_true", help="print the mean accuracies, too")
    asked.add_argument("--live", action="store_true")
    given = asked.parse_args()
    named = sets(given.rows)
    # The same texts are asked about after each fit: half of a question's time.
    feature_matrix.verdicts = classifier_model.verdicts = cache(verdicts)
    first_order_module.refusal = cache(refusal)
    if given.live:
        control, rows = named["XSTest"]
        raise SystemExit(0 if live(rows[:200], control) else 1)
    fine: list[bool] = []
    for name, (control, rows) in named.items():
        if given.only not in name:
            continue
        wanted = {"first": 0, "second": 1}.get(given.half or "")
        chosen = [
            n
            for n, row in enumerate(rows)
            if wanted in (None, int(hashlib.sha256(row.group.encode()).hexdigest(), 16) % 2)
        ]
        learn = learner(rows, control, fast=given.fast)
        fine.append(measure(name, learn, rows, chosen, given))
    raise SystemExit(0 if all(fine) else 1)


if __name__ == "__main__":
    main()
