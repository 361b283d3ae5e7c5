"""A queue that does not ask about one prompt again and again: its other tasks teach less."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

MOST = 20
"""Halvings at most: behind them a prompt's tasks keep their own order, in numbers that differ."""


def spread_over_prompts(
    places: Sequence[float | None], groups: Sequence[str], answered: Iterable[str] = ()
) -> list[float | None]:
    """Return the places in the queue with those of prompts that had their turn further back.

    How far a task is from the end (1) is halved for each task of its prompt that was answered or
    is before it.

    Args:
        places: of each task, 0 to 1, the least first; None stays None.
        groups: the prompt of each task (`training_examples.prompt_group`).
        answered: the prompts of the tasks that were answered.

    >>> spread_over_prompts([0.25, 0.5, 0.5, None], ["a", "a", "b", "a"], ["b"])
    [0.25, 0.75, 0.75, None]
    """
    turns = Counter(answered)
    found = list(places)
    ranked = sorted((place, row) for row, place in enumerate(places) if place is not None)
    for place, row in ranked:
        found[row] = 1 - (1 - place) / 2 ** min(turns[groups[row]], MOST)
        turns[groups[row]] += 1
    return found
