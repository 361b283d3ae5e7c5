"""Confidence thresholds: how sure a model must be to draft, from its accuracy on unseen rows.

A choice may be drafted from the lowest confidence at which the share of right answers among unseen
rows is, with 95 % certainty, at least the target (Wilson 1927, one-sided lower bound). With a
target of 0.9 that takes 25 rows without a mistake, 43 with one: little data drafts nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt

TARGET = 0.9
"""Share of right answers that a draft must have. A wrong draft costs an annotator more than a
missing one, and pulls the answers of those in a hurry along."""
Z = 1.645
"""One-sided 95 %."""
STEPS = (0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98)
"""Confidences looked at. Few, because every further look is another chance to be lucky."""


def lower_bound(right: int, of: int) -> float:
    """Return the share that `right` of `of` proves at least, with 95 % certainty; 0 for none.

    >>> round(lower_bound(25, 25), 3), round(lower_bound(42, 43), 3)
    (0.902, 0.902)
    """
    if not of:
        return 0.0
    share, square = right / of, Z * Z
    middle = share + square / (2 * of)
    spread = Z * sqrt(share * (1 - share) / of + square / (4 * of * of))
    # Rounding may leave a hair's breadth above a share of nothing.
    return min(share, max(0.0, (middle - spread) / (1 + square / of)))


def fewest_examples(target: float = TARGET) -> int:
    """Return how many right answers in a row reach the target: with fewer, nothing is drafted.

    >>> fewest_examples()
    25
    """
    of = 1
    while lower_bound(of, of) < target:
        of += 1
    return of


def lowest_confidence(
    outcomes: Sequence[tuple[float, bool]], target: float = TARGET
) -> tuple[float, int, int] | None:
    """Return (confidence, right, of) of the lowest step that reaches the target, or None.

    Args:
        outcomes: (confidence, was it right) of each unseen row for which this choice was likeliest.
        target: the share of right answers to be proved (`lower_bound`).

    >>> lowest_confidence([(0.75, True)] * 30 + [(0.55, False)] * 5)
    (0.6, 30, 30)
    """
    for step in STEPS:
        judged = [right for confidence, right in outcomes if confidence >= step]
        if lower_bound(sum(judged), len(judged)) >= target:
            return step, sum(judged), len(judged)
    return None
