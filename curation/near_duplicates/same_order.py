"""Do two comparisons order nearly the same answers, and order them alike.

A comparison and its opposite contradict each other. Where their answers are so much alike that each
could stand for another one, that order counts in which the texts, as they are, differ the least.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np

from goldleaf.curation.near_duplicates.pair_kernels import row_scores
from goldleaf.curation.near_duplicates.text_table import TextTable

Array = np.ndarray[Any, Any]

_RUN = 3
"""Characters of the runs by which texts are compared as they are, folded in nothing."""


def alike_in_order(table: TextTable, texts: list[str], records: Array, levels: Array) -> Array:
    """Return which pairs of records have near counterparts of all answers in the same order.

    Args:
        table: the texts.
        texts: likewise, as they are.
        records: int64 (2, pairs, 1 + answers), the numbers of the texts of each: of its prompt,
            then of its answers, level by level.
        levels: of each answer its level; the same of both records of all pairs.
    """
    prompts, answers = records[:, :, 0], records[:, :, 1:]
    alike = np.zeros((records.shape[1], len(levels), len(levels)), np.bool_)

    def compare(pairs: Array, which: Array) -> None:
        """Compare some answers of pairs: `which` of the one, by row, with which of the other."""
        one, other = np.nonzero(which)
        rows, edges = np.repeat(pairs, len(one)), np.tile(np.stack([one, other]), len(pairs))
        pairs_of_answers = np.stack([answers[side, rows, edges[side]] for side in (0, 1)])
        alike[rows, edges[0], edges[1]] = row_scores(table, prompts[:, rows], pairs_of_answers) > 0

    level = levels[:, None] == levels
    left = np.arange(len(alike))
    # Most pairs differ in one level: their others are not compared.
    for each in np.unique(levels):
        members = np.flatnonzero(levels == each)
        compare(left, level & (levels == each))
        own = alike[left][:, members[:, None], members]
        left = left[own[:, 0, 0] if len(members) == 1 else list(map(_matched, own))]
    compare(left, ~level)
    found = np.zeros(len(alike), np.bool_)
    found[left] = True
    for pair in left[(alike[left] & ~level).any(axis=(1, 2))].tolist():
        one, other = answers[:, pair]
        found[pair] = _least_in_order(texts, one, other, alike[pair], level)
    return found


def _matched(alike: Array) -> bool:
    """Return whether each answer has a counterpart of its own."""
    from scipy.optimize import linear_sum_assignment

    return bool(alike[linear_sum_assignment(~alike)].all())


def _least_in_order(texts: list[str], one: Array, other: Array, alike: Array, level: Array) -> bool:
    """Return whether answers differ less from those of their level than in any other order.

    Args:
        texts: as they are.
        one: the numbers of the answers of a record.
        other: of those of another one.
        alike: (answers, answers), which of them are alike; in each level all of them, matched.
        level: which are of one level.
    """
    from scipy.optimize import linear_sum_assignment

    edges = [(int(first), int(second)) for first, second in zip(*np.nonzero(alike), strict=True)]
    differences = {
        (first, second): _difference(texts[one[first]], texts[other[second]])
        for first, second in edges
    }
    # An answer that a record has on two levels is above itself in any order.
    same = level | ((one[:, None] == one) @ level) | (level @ (other[:, None] == other))
    # Of orders that differ as much, another one comes first; what is not alike is in none of them.
    count = len(one) + 1
    costs = np.full(alike.shape, count * (1 + sum(differences.values())), np.int64)
    for edge, difference in differences.items():
        costs[edge] = count * difference - (not same[edge])
    return bool(same[linear_sum_assignment(costs)].all())


def _difference(one: str, other: str) -> int:
    """Return how many runs of characters, case and marks too, only one of two texts has.

    Linear in their lengths, which an edit distance is not.
    """
    if one == other:
        return 0
    first, second = (
        Counter(padded[start : start + _RUN] for start in range(len(padded) - _RUN + 1))
        for text in (one, other)
        for padded in [f"\n\n{text}\n\n"]
    )
    return (first - second).total() + (second - first).total()
