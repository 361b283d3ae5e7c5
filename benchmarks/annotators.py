"""Simulate careless annotators over real preference labels: which answer is settled?

    python benchmarks/annotators.py pandalm_3_annotators.jsonl.gz [--seeds 10]

The truth is the majority of three people's real labels (left, right, tie). Planted annotators
answer some of the tasks each; a good one is right in 85 %, else says one of the other two.
"""

from __future__ import annotations

import argparse
import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from goldleaf.agreement.dawid_skene import dawid_skene

CLASSES, ANSWERED, GOOD = 3, 0.6, 0.85
LEFT = 1
Draw = Callable[[np.ndarray, np.random.Generator], np.ndarray]


def good(accuracy: float) -> Draw:
    """Return an annotator who is right that often, else says one of the other two."""

    def draw(truth: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        other = (truth + rng.integers(1, CLASSES, len(truth))) % CLASSES
        return np.where(rng.random(len(truth)) < accuracy, truth, other)

    return draw


def at_random(truth: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Answer without looking."""
    return rng.integers(0, CLASSES, len(truth))


def always_left(truth: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Pick the left answer."""
    return np.full(len(truth), LEFT)


TEAMS: dict[str, tuple[list[Draw], float]] = {
    "three, each right in 85 %": ([good(GOOD)] * 3, 1.0),
    "five, two at random": ([good(GOOD)] * 3 + [at_random] * 2, ANSWERED),
    "five, two always left": ([good(GOOD)] * 3 + [always_left] * 2, ANSWERED),
    "five: three with 20 % noise, a spammer, a left-picker": (
        [good(0.8)] * 3 + [at_random, always_left],
        1.0,
    ),
}
"""Name -> annotators, and the share of tasks that each answers."""


def truth_of(path: Path) -> np.ndarray:
    """Return the majority of the three labels of each pair: 0 tie, 1 left, 2 right."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    labels = np.array([[row[f"annotator{who}"] for who in (1, 2, 3)] for row in rows])
    return np.array([np.bincount(each, minlength=CLASSES).argmax() for each in labels])


def answers_of(
    team: list[Draw], share: float, truth: np.ndarray, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return items, annotators and answers; every item has at least one answer."""
    said = np.stack([draw(truth, rng) for draw in team])
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


def accuracies(name: str, truth: np.ndarray, seed: int, **how: Any) -> tuple[float, float, float]:
    """Return how often one answer, the majority and Dawid-Skene say the truth."""
    team, share = TEAMS[name]
    rng = np.random.default_rng(seed)
    items, who, answers = answers_of(team, share, truth, rng)
    single = np.mean(answers == truth[items])
    voted = np.mean(majority(items, answers, rng) == truth)
    modelled = np.mean(dawid_skene(items, who, answers, CLASSES, **how).answer == truth)
    return float(single), float(voted), float(modelled)


def main() -> None:
    """Print a table: mean over the seeds, and the lowest of Dawid-Skene."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("rows", type=Path)
    parser.add_argument("--seeds", type=int, default=10)
    given = parser.parse_args()
    truth = truth_of(given.rows)
    print(f"{len(truth)} pairs, {given.seeds} seeds")  # noqa: T201
    for name in TEAMS:
        each = np.array([accuracies(name, truth, seed) for seed in range(given.seeds)])
        single, voted, modelled = each.mean(axis=0)
        lowest = each[:, 2].min()
        print(  # noqa: T201
            f"{name}: one answer {single:.3f}, majority {voted:.3f}, "
            f"Dawid-Skene {modelled:.3f} (lowest {lowest:.3f})"
        )


if __name__ == "__main__":
    main()
