"""The most likely answer to each item, from annotators who err in ways of their own.

Dawid and Skene, "Maximum Likelihood Estimation of Observer Error-Rates Using the EM Algorithm",
Applied Statistics 28 (1979): each annotator has a confusion matrix, so that one who always picks
the left answer is seen through. Few answers make such a matrix unsure: each is shrunk towards the
pooled one of all annotators by `SHRINKAGE` answers, as a Dirichlet prior would (MAP). A model with
one number an annotator ("one coin") is not offered: two of five annotators who lean to one side
mislead it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

Numbers: TypeAlias = "np.ndarray[Any, np.dtype[Any]]"

SHRINKAGE = 4.0
"""Answers of the pooled matrix that each row of an annotator's matrix counts as its own.

Between 1 and 8 the figures of `benchmarks/annotators.py` differ by less than a point.
"""
_SMOOTHING = 0.5
"""Answers that every cell of the pooled matrix has beforehand: nothing is impossible."""
_ROUNDS, _CHANGE = 200, 1e-7


@dataclass(frozen=True, slots=True)
class Consensus:
    """What the answers to each item settle.

    Attributes:
        classes: items x classes, how likely each class is; rows sum to 1.
        confusion: annotators x true class x answer; rows sum to 1.
        prior: how frequent each class is.
    """

    classes: Numbers
    confusion: Numbers
    prior: Numbers

    @property
    def answer(self) -> Numbers:
        """The most likely class of each item, of equally likely ones the lowest."""
        return np.argmax(self.classes, axis=1)


def dawid_skene(
    items: Numbers,
    annotators: Numbers,
    answers: Numbers,
    classes: int,
    shrinkage: float = SHRINKAGE,
) -> Consensus:
    """Return the consensus of answers; the three arrays have one entry an answer.

    Args:
        items: 0 to the number of items - 1, each at least once.
        annotators: 0 to the number of annotators - 1.
        answers: 0 to `classes` - 1.
        classes: how many there are.
        shrinkage: answers of the pooled matrix in each row of an annotator's; 0 for none.
    """
    shape = (int(items.max()) + 1, int(annotators.max()) + 1, classes)
    given = np.zeros((shape[0], classes))
    np.add.at(given, (items, answers), 1.0)
    likely = given / given.sum(axis=1, keepdims=True)
    prior, confusion = np.empty(0), np.empty(0)
    for _ in range(_ROUNDS):
        prior = (likely.sum(axis=0) + _SMOOTHING) / (len(likely) + _SMOOTHING * classes)
        confusion = _confusion(likely, items, annotators, answers, shape, shrinkage)
        evidence = np.tile(np.log(prior), (shape[0], 1))
        np.add.at(evidence, items, np.log(confusion[annotators, :, answers]))
        evidence -= evidence.max(axis=1, keepdims=True)
        before, likely = likely, np.exp(evidence)
        likely /= likely.sum(axis=1, keepdims=True)
        if np.abs(likely - before).max() < _CHANGE:
            break
    return Consensus(likely, confusion, prior)


def _confusion(
    likely: Numbers,
    items: Numbers,
    annotators: Numbers,
    answers: Numbers,
    shape: tuple[int, int, int],
    shrinkage: float,
) -> Numbers:
    """Return annotators x true class x answer, each row shrunk towards that of all annotators."""
    by_answer = np.zeros((shape[1], shape[2], shape[2]))  # annotators x answer x true class
    np.add.at(by_answer, (annotators, answers), likely[items])
    counts = by_answer.transpose(0, 2, 1).copy()
    pooled = counts.sum(axis=0) + _SMOOTHING
    pooled /= pooled.sum(axis=1, keepdims=True)
    counts += shrinkage * pooled + 1e-9
    return counts / counts.sum(axis=2, keepdims=True)
