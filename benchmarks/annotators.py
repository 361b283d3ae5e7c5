"""Simulate careless annotators over real preference labels: which answer is settled?

    python benchmarks/annotators.py pandalm_3_annotators.jsonl.gz [--seeds 10] [--exports 3]

The truth is the majority of three people's real labels (left, right, tie). Planted annotators
answer some of the tasks each; a good one is right in 85 %, else says one of the other two. `at
best` is Dawid-Skene told how each annotator errs: nobody who has only the answers can do better.
With `--exports` the answers of the last team go through real exports, one for each policy.
"""

from __future__ import annotations

import argparse
import gzip
import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from goldleaf.agreement.dawid_skene import dawid_skene
from goldleaf.core.input_results import InputResult
from goldleaf.core.records import Candidate, Comparison, Turn
from goldleaf.exporters.export import export
from goldleaf.label_configs.read_annotations import read_task
from goldleaf.label_configs.regions import to_regions
from goldleaf.label_configs.registry import kinds
from goldleaf.recipes.recipe import Recipe
from goldleaf.recipes.sections import Conflicts, Split

CLASSES, GOOD = 3, 0.85
TIE, LEFT, RIGHT = 0, 1, 2
Matrix = np.ndarray
"""Share of each answer (columns) where the truth is each class (rows)."""


def good(accuracy: float) -> Matrix:
    """Return an annotator who is right that often, else says one of the other two."""
    other = (1 - accuracy) / (CLASSES - 1)
    return np.full((CLASSES, CLASSES), other) + np.eye(CLASSES) * (accuracy - other)


AT_RANDOM = np.full((CLASSES, CLASSES), 1 / CLASSES)
ALWAYS_LEFT = np.tile(np.eye(CLASSES)[LEFT], (CLASSES, 1))
NOISY = "five: three right in 80 %, one at random, one always left"
TEAMS: dict[str, tuple[list[Matrix], float]] = {
    "three good": ([good(GOOD)] * 3, 1.0),
    "five, two at random, each answers 60 %": ([good(GOOD)] * 3 + [AT_RANDOM] * 2, 0.6),
    "five, two always left, each answers 60 %": ([good(GOOD)] * 3 + [ALWAYS_LEFT] * 2, 0.6),
    "five, two always left, each answers 70 %": ([good(GOOD)] * 3 + [ALWAYS_LEFT] * 2, 0.7),
    "five, two always left, each answers all": ([good(GOOD)] * 3 + [ALWAYS_LEFT] * 2, 1.0),
    NOISY: ([good(0.8)] * 3 + [AT_RANDOM, ALWAYS_LEFT], 1.0),
}
"""Name -> annotators, and the share of tasks that each answers."""
Answers = tuple[np.ndarray, np.ndarray, np.ndarray]


def rows_of(path: Path) -> list[dict[str, Any]]:
    """Return the rows of PandaLM's test set."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def truth_of(rows: list[dict[str, Any]]) -> np.ndarray:
    """Return the majority of the three labels of each pair."""
    labels = np.array([[row[f"annotator{who}"] for who in (1, 2, 3)] for row in rows])
    return np.array([np.bincount(each, minlength=CLASSES).argmax() for each in labels])


def answers_of(name: str, truth: np.ndarray, rng: np.random.Generator) -> Answers:
    """Return items, annotators and answers of a team; every item has at least one answer."""
    team, share = TEAMS[name]
    edges = np.stack(team)[:, truth].cumsum(axis=2)
    said = (rng.random((len(team), len(truth), 1)) > edges[:, :, :-1]).sum(axis=2)
    there = rng.random(said.shape) < share
    lonely = np.flatnonzero(~there.any(axis=0))
    there[rng.integers(0, len(team), len(lonely)), lonely] = True
    who, items = np.nonzero(there)
    return items, who, said[who, items]


def majority(items: np.ndarray, answers: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return the answer that most gave to each item, ties drawn."""
    counts = np.zeros((items.max() + 1, CLASSES))
    np.add.at(counts, (items, answers), 1)
    return np.argmax(counts + rng.random(counts.shape) / 2, axis=1)


def at_best(name: str, truth: np.ndarray, answers: Answers) -> np.ndarray:
    """Return the likeliest answers where it is known how each annotator errs."""
    items, who, said = answers
    evidence = np.tile(np.log(np.bincount(truth, minlength=CLASSES) / len(truth)), (len(truth), 1))
    np.add.at(evidence, items, np.log(np.stack(TEAMS[name][0]) + 1e-12)[who, :, said])
    return evidence.argmax(axis=1)


def accuracies(name: str, truth: np.ndarray, seed: int) -> list[float]:
    """Return how often one answer, the majority, Dawid-Skene and the best there is are right."""
    rng = np.random.default_rng(seed)
    answers = answers_of(name, truth, rng)
    items, who, said = answers
    settled = [
        majority(items, said, rng),
        dawid_skene(items, who, said, CLASSES).answer,
        at_best(name, truth, answers),
    ]
    single = float(np.mean(said == truth[items]))
    return [single, *(float(np.mean(each == truth)) for each in settled)]


def readings(
    rows: list[dict[str, Any]], answers: Answers
) -> tuple[list[InputResult], dict[str, tuple[str, str]]]:
    """Return the answers as an export reads them, and prompt -> left and right answer."""
    kind = kinds()["preference"]
    shown: dict[str, tuple[str, str]] = {}
    tasks: list[dict[str, Any]] = []
    for place, row in enumerate(rows):
        asked = f"{place}. {row['instruction']}\n{row['input']}"
        texts = [f"{row[key]}" for key in ("response1", "response2")]
        candidates = tuple(Candidate((Turn("assistant", text),)) for text in texts)
        data = kind.codec.to_task(Comparison((Turn("user", asked),), candidates))
        shown[asked] = (data["answer_a"], data["answer_b"])
        tasks.append({"id": place + 1, "project": 1, "data": data, "annotations": []})
    for number, (item, who, said) in enumerate(zip(*answers, strict=True)):
        decision = {TIE: "tie", LEFT: "a", RIGHT: "b"}[int(said)]
        regions = to_regions({"decision": (decision,)}, kind.screen)
        annotation = {"id": number + 1, "completed_by": int(who) + 1, "result": regions}
        tasks[item]["annotations"].append(annotation)

    def given() -> Iterator[InputResult]:
        for task in tasks:
            yield from read_task(task)

    return list(given()), shown


def through_exports(rows: list[dict[str, Any]], truth: np.ndarray, seed: int) -> dict[str, str]:
    """Return policy -> pairs exported and how many of them are right, of the noisy team.

    Only pairs that people decided, whose answers are two texts; the truth's sides are those of the
    screen.
    """
    usable = [
        place
        for place, row in enumerate(rows)
        if truth[place] != TIE and f"{row['response1']}".strip() != f"{row['response2']}".strip()
    ]
    chosen, wanted = [rows[place] for place in usable], truth[usable]
    answers = answers_of(NOISY, wanted, np.random.default_rng(seed))
    results, shown = readings(chosen, answers)
    right = {asked: shown[asked][wanted[n] - 1] for n, asked in enumerate(shown)}
    found = {"one answer": f"{np.mean(answers[2] == wanted[answers[0]]):.3f}"}
    for policy in ("majority", "model", "soft"):
        recipe = Recipe(conflicts=Conflicts(policy=policy), split=Split(test=0.0))
        with tempfile.TemporaryDirectory() as folder:
            export(results, recipe, Path(folder) / "out")
            lines = (Path(folder) / "out/trl/dpo/train.jsonl").read_text("utf-8").splitlines()
        pairs = [json.loads(line) for line in lines]
        hits = [p["chosen"][-1]["content"] == right[p["prompt"][-1]["content"]] for p in pairs]
        found[policy] = f"{np.mean(hits):.3f} of {len(hits)}"
    return found


def main() -> None:
    """Print the mean of each team over the seeds, and what real exports make of the last one."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("rows", type=Path)
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--exports", type=int, default=3)
    given = parser.parse_args()
    rows = rows_of(given.rows)
    truth = truth_of(rows)
    print(f"{len(truth)} pairs, {given.seeds} seeds; mean accuracy")  # noqa: T201
    for name in TEAMS:
        each = np.array([accuracies(name, truth, seed) for seed in range(given.seeds)])
        single, voted, modelled, best = each.mean(axis=0)
        print(  # noqa: T201
            f"{name}: one answer {single:.3f}, majority {voted:.3f}, Dawid-Skene {modelled:.3f} "
            f"({each[:, 2].min():.3f} to {each[:, 2].max():.3f}), at best {best:.3f}"
        )
    for seed in range(given.exports):
        print(f"exported, seed {seed}: {through_exports(rows, truth, seed)}")  # noqa: T201


if __name__ == "__main__":
    main()
