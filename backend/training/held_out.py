"""What a model says of rows that it has not seen: other prompts, and other generators.

A question is answered by one or two members whose probabilities are averaged: a logistic regression
over words and verdicts, and where sentence vectors help, one over these.
"""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from goldleaf.backend.training.feature_matrix import FEWEST_ROWS
from goldleaf.backend.training.thresholds import Outcome

FOLDS = 5
STRENGTH = 10.0
"""Inverse regularisation of the logistic regression over words; not tuned."""
VECTOR_STRENGTH = 20.0
"""The same over sentence vectors."""
GENERATORS = 5
"""Generators left out one by one; the rarer ones are left out together."""
PROMPT_PARTS = 3
"""Parts of the prompts: a row is judged by a model that saw neither its part nor its generator."""
JUDGED_ELSEWHERE = 2_000
"""Rows of which that is asked, the first ones: time must not grow with the square of the fits."""


@dataclass(frozen=True)
class HeldOut:
    """What unseen rows got.

    Attributes:
        chances: (rows, classes) probabilities; NaN for a row that no model could judge.
        similarity: (rows,) likeness to the rows of the likeliest class, NaN alike.
    """

    chances: NDArray[np.float64]
    similarity: NDArray[np.float64]

    def outcomes(
        self, classes: Sequence[str], labels: Sequence[str], generators: Sequence[str]
    ) -> list[Outcome | None]:
        """Return what came of each row; None where nothing was said, or "none of the others"."""
        found: list[Outcome | None] = []
        for row, label, generator in zip(self.chances, labels, generators, strict=True):
            if np.isnan(row).any():
                found.append(None)
                continue
            best = int(row.argmax())
            outcome = Outcome(classes[best], float(row[best]), classes[best] == label, generator)
            found.append(outcome if classes[best] else None)
        return found


def regression(matrix: Any, y: NDArray[Any]) -> Any:
    """Return a logistic regression fitted to a matrix (rows, columns) and its labels."""
    from sklearn.linear_model import LogisticRegression

    return LogisticRegression(C=STRENGTH, max_iter=2_000).fit(matrix, y)


def vector_regression(matrix: Any, y: NDArray[Any]) -> Any:
    """Return the logistic regression over sentence vectors; of labels, rare ones count as common.

    At 200 labels, against `regression`, on draws that no table reports: do-not-answer .893 (.881),
    SafetyBench .842 (.834), BELLE .709 (.696), averaged with that over runs of
    characters, which words have replaced since.
    """
    from sklearn.linear_model import LogisticRegression

    return LogisticRegression(C=VECTOR_STRENGTH, class_weight="balanced", max_iter=2_000).fit(
        matrix, y
    )


def by_prompt(
    members: Sequence[Any], ngrams: int, y: NDArray[Any], groups: NDArray[Any]
) -> HeldOut:
    """Judge each row by a model that has not seen its prompt.

    Args:
        members: matrices (rows, columns); the first has `ngrams` columns of words and pairs,
            then verdicts.
        ngrams: its columns that similarity is measured in.
        y: (rows,) labels.
        groups: (rows,) which prompt.
    """
    from sklearn.model_selection import StratifiedGroupKFold

    folds = StratifiedGroupKFold(FOLDS, shuffle=True, random_state=0)
    with warnings.catch_warnings():
        # A rare label is not in every fold: there it has no probability.
        warnings.filterwarnings("ignore", "The least populated class", UserWarning)
        splits = list(folds.split(members[0], y, groups))
    return _judge(members, ngrams, y, iter(splits))


def by_generator(
    members: Sequence[Any],
    ngrams: int,
    y: NDArray[Any],
    groups: NDArray[Any],
    generators: Sequence[str],
) -> HeldOut:
    """Judge each row by a model that has seen neither its prompt nor its generator.

    Arguments as of `by_prompt`, and the generator of each row; with a single one nothing is judged.
    """
    common = [name for name, _ in Counter(generators).most_common()][:GENERATORS]
    names = np.array([name if name in common else "" for name in generators])
    places = {group: place for place, group in enumerate(sorted(set(groups)))}
    parts = np.array([places[group] % PROMPT_PARTS for group in groups])
    asked = np.arange(len(y)) < JUDGED_ELSEWHERE

    def splits() -> Iterator[tuple[NDArray[Any], NDArray[Any]]]:
        for name in sorted(set(names)):
            for part in range(PROMPT_PARTS):
                train = np.flatnonzero((names != name) & (parts != part) & asked)
                yield train, np.flatnonzero((names == name) & (parts == part) & asked)

    return _judge(members, ngrams, y, splits())


def log_loss(chances: NDArray[np.float64], classes: Sequence[str], y: NDArray[Any]) -> float:
    """Return the mean of -log(probability of the true class) over the rows that were judged."""
    places = {name: place for place, name in enumerate(classes)}
    true = chances[np.arange(len(y)), [places[label] for label in y]]
    return float(-np.log(np.clip(true[~np.isnan(true)], 1e-3, 1)).mean())


def _judge(
    members: Sequence[Any],
    ngrams: int,
    y: NDArray[Any],
    splits: Iterator[tuple[NDArray[Any], NDArray[Any]]],
) -> HeldOut:
    classes = sorted(set(y))
    chances = np.full((len(y), len(classes)), np.nan)
    similarity = np.full(len(y), np.nan)
    for train, test in splits:
        if len(set(y[train])) < 2 or not len(test):
            continue
        chances[test] = 0.0
        new = [_as_new(members[0], train, test, ngrams), *(each[test] for each in members[1:])]
        for fitted, matrix, rows in zip(
            (regression, vector_regression), members, new, strict=False
        ):
            model = fitted(matrix[train], y[train])
            places = [classes.index(label) for label in model.classes_]
            chances[test[:, None], places] += model.predict_proba(rows) / len(members)
        like = new[0][:, :ngrams] @ class_means(members[0][train, :ngrams], y[train], classes).T
        similarity[test] = like[np.arange(len(test)), chances[test].argmax(axis=1)]
    return HeldOut(chances, similarity)


def _as_new(matrix: Any, train: NDArray[Any], test: NDArray[Any], ngrams: int) -> Any:
    """Return the rows `test` as if their n-grams had been chosen and weighed without them.

    What fewer than `FEWEST_ROWS` of the others hold is no feature of a new row, and does not count
    for its length. Rare words are many: with them unseen rows looked less like the others than new
    ones do, by up to a standard deviation at 50 labels.
    """
    from scipy.sparse import diags, hstack

    known = np.bincount(matrix[train].indices, minlength=matrix.shape[1])[:ngrams] >= FEWEST_ROWS
    before = matrix[test, :ngrams]
    after = before @ diags(known.astype(np.float64))
    old, new = (np.asarray(each.multiply(each).sum(axis=1)).ravel() for each in (before, after))
    longer = np.sqrt(np.divide(old, new, out=np.zeros(len(test)), where=new > 0))
    return hstack([diags(longer) @ after, matrix[test, ngrams:]]).tocsr()


def class_means(matrix: Any, y: NDArray[Any], classes: Sequence[str]) -> NDArray[np.float64]:
    """Return (classes, columns): the mean of each class's rows, 0 for a class without any."""
    means = np.zeros((len(classes), matrix.shape[1]))
    for place, label in enumerate(classes):
        mine = np.flatnonzero(y == label)
        if len(mine):
            means[place] = np.asarray(matrix[mine].mean(axis=0)).ravel()
    return means
