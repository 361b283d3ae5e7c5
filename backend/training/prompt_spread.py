"""A queue that does not ask about one prompt again and again: its other tasks teach less."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

MOST = 20
"""Halvings after which nothing changes in the sixth decimal."""


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

    >>> spread_over_prompts([0.2, 0.3, 0.4, None], ["a", "a", "b", "a"], ["b"])
    [0.2, 0.65, 0.7, None]
    """
    turns = Counter(answered)
    found = list(places)
    ranked = sorted((place, row) for row, place in enumerate(places) if place is not None)
    for place, row in ranked:
        found[row] = round(1 - (1 - place) / 2 ** min(turns[groups[row]], MOST), 6)
        turns[groups[row]] += 1
    return found
