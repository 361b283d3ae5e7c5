"""Simulate careless annotators over real preference labels: which answer is settled?

    python benchmarks/annotators.py pandalm_3_annotators.jsonl.gz [--seeds 30] [--exports 10]

The truth is the majority of three people's real labels (left, right, tie). Planted annotators
answer some of the tasks each; a good one is right in 85 %, else says one of the other two. `at
best` is Dawid-Skene told how each annotator errs: nobody who has only the answers can do better.
With `--exports` the answers of the last team go through real exports, one for each policy: once
with everyone's answer to everything, once with two answers a task and a third where they contradict
each other, found as `goldleaf project overlap --overlap 2 --adaptive 3` finds them.
"""

from __future__ import annotations

import argparse
import gzip
import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import numpy as np

from goldleaf.agreement.dawid_skene import dawid_skene
from goldleaf.core.input_results import InputResult
from goldleaf.core.records import Candidate, Comparison, Turn
from goldleaf.exporters.export import export
from goldleaf.exporters.ingest.build_examples import IngestConfig
from goldleaf.exporters.ingest.ingest import ingest
from goldleaf.exporters.planning.contested import contested
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
NOISY = "five: three right in 80 %, one at random, one always left, each answers all"
TEAMS: dict[str, tuple[list[Matrix], float]] = {
    "three good, each answers all": ([good(GOOD)] * 3, 1.0),
    "five, two at random, each answers 60 %": ([good(GOOD)] * 3 + [AT_RANDOM] * 2, 0.6),
    "five, two always left, each answers 60 %": ([good(GOOD)] * 3 + [ALWAYS_LEFT] * 2, 0.6),
    "five, two always left, each answers 70 %": ([good(GOOD)] * 3 + [ALWAYS_LEFT] * 2, 0.7),
    "five, two always left, each answers all": ([good(GOOD)] * 3 + [ALWAYS_LEFT] * 2, 1.0),
    NOISY: ([good(0.8)] * 3 + [AT_RANDOM, ALWAYS_LEFT], 1.0),
}
"""Name -> annotators, and the share of tasks that each answers."""
Answers = tuple[np.ndarray, np.ndarray, np.ndarray]
Exported = dict[str, tuple[float, int]]
Policy = Literal["majority", "model", "soft"]


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


def differing(
    rows: list[dict[str, Any]], truth: np.ndarray, *, ties: bool = False
) -> tuple[list[dict[str, Any]], np.ndarray]:
    """Return the pairs of two different answers, and their truths; by default no tied ones."""
    usable = [
        place
        for place, row in enumerate(rows)
        if (ties or truth[place] != TIE)
        and f"{row['response1']}".strip() != f"{row['response2']}".strip()
    ]
    return [rows[place] for place in usable], truth[usable]


def taken(answers: Answers, there: np.ndarray) -> Answers:
    """Return the answers of the people (columns) who were asked about an item (row)."""
    items, who, said = answers
    asked = there[items, who]
    return items[asked], who[asked], said[asked]


def escalated(
    rows: list[dict[str, Any]], answers: Answers, rng: np.random.Generator
) -> tuple[Answers, Answers]:
    """Return two answers to each item, and these with a third where they contradict each other.

    Who is asked is drawn, as a queue gives a task to whoever comes.
    """
    people = len(TEAMS[NOISY][0])
    turn = np.argsort(rng.random((len(rows), people)), axis=1)
    there = np.zeros((len(rows), people), dtype=bool)
    np.put_along_axis(there, turn[:, :2], values=True, axis=1)
    two = taken(answers, there)
    recipe = Recipe()
    with tempfile.TemporaryDirectory() as folder:
        given, _ = readings(rows, two)
        found = ingest(given, IngestConfig(recipe, ("trl",), Path(folder)))
        keys = contested(found, recipe)
    for place in {int(key.split("/task:")[1].split("/")[0]) - 1 for key in keys}:
        there[place, turn[place, 2]] = True
    return two, taken(answers, there)


def pairs_right(
    rows: list[dict[str, Any]], wanted: np.ndarray, answers: Answers, policy: Policy
) -> tuple[float, int]:
    """Return the share of exported pairs that are right, and how many pairs there are.

    The truth's sides are those of the screen.
    """
    results, shown = readings(rows, answers)
    right = {asked: shown[asked][wanted[n] - 1] for n, asked in enumerate(shown)}
    recipe = Recipe(conflicts=Conflicts(policy=policy), split=Split(test=0.0))
    with tempfile.TemporaryDirectory() as folder:
        export(results, recipe, Path(folder) / "out")
        lines = (Path(folder) / "out/trl/dpo/train.jsonl").read_text("utf-8").splitlines()
    pairs = [json.loads(line) for line in lines]
    hits = [p["chosen"][-1]["content"] == right[p["prompt"][-1]["content"]] for p in pairs]
    return float(np.mean(hits)), len(hits)


def through_exports(rows: list[dict[str, Any]], truth: np.ndarray, seed: int) -> Exported:
    """Return what is exported of the noisy team -> share of pairs that are right, and how many.

    `extra` has the labels that the third answers add to two a task, as a share of these; pairs that
    people call a tie are in `extra, ties too` alone. A single answer that calls a tie makes no
    pair: `one answer, its pairs` leaves such out, as an export does.
    """
    chosen, wanted = differing(rows, truth)
    rng = np.random.default_rng(seed)
    everyone = answers_of(NOISY, wanted, rng)
    items, _, said = everyone
    hits, pairs = said == wanted[items], said != TIE
    found: Exported = {
        "one answer": (float(hits.mean()), len(hits)),
        "one answer, its pairs": (float(hits[pairs].mean()), int(pairs.sum())),
    }
    policies: tuple[Policy, ...] = ("majority", "model", "soft")
    for policy in policies:
        found[f"all five, {policy}"] = pairs_right(chosen, wanted, everyone, policy)
    two, three = escalated(chosen, everyone, rng)
    for policy in ("majority", "model"):
        found[f"two, {policy}"] = pairs_right(chosen, wanted, two, policy)
    for policy in policies:
        found[f"two or three, {policy}"] = pairs_right(chosen, wanted, three, policy)
    found["extra"] = extra(two, three)
    chosen, wanted = differing(rows, truth, ties=True)
    found["extra, ties too"] = extra(*escalated(chosen, answers_of(NOISY, wanted, rng), rng))
    return found


def extra(two: Answers, three: Answers) -> tuple[float, int]:
    """Return the labels that were asked for on top, as a share, and how many they are."""
    more = len(three[0]) - len(two[0])
    return more / len(two[0]), more


def main() -> None:
    """Print the mean of each team over the seeds, and what real exports make of the last one."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("rows", type=Path)
    parser.add_argument("--seeds", type=int, default=30)
    parser.add_argument("--exports", type=int, default=10)
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
    runs = [through_exports(rows, truth, seed) for seed in range(given.exports)]
    for name in runs[0] if runs else ():
        shares = [run[name][0] for run in runs]
        counts = [run[name][1] for run in runs]
        print(  # noqa: T201
            f"exported, {len(runs)} seeds, {name}: {np.mean(shares):.3f} ({min(shares):.3f} to "
            f"{max(shares):.3f}) of {min(counts)} to {max(counts)}"
        )


if __name__ == "__main__":
    main()
