"""Prompts taken one after the other, each only if it is new: none nearly repeats an earlier one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from goldleaf.curation.near_duplicates.text_similarity import PROMPT_JACCARD, TextPairs
from goldleaf.curation.near_duplicates.text_table import TextTable


class NewPrompts:
    """The prompts that were taken, and those that were there before.

    A prompt in which only numbers differ is no new one here: a set of tasks does not grow by it.

    Args:
        known: prompts that count as taken.
    """

    def __init__(self, known: Iterable[str]) -> None:
        self._known = list(dict.fromkeys(known))

    def take(self, prompts: Sequence[str]) -> list[bool]:
        """Return which of the prompts are new, and take these."""
        distinct = list(dict.fromkeys(prompts))
        before = set(self._known)
        fresh = [prompt for prompt in distinct if prompt not in before]
        texts = [*self._known, *fresh]
        taken: set[str] = set()
        if fresh:
            start = len(self._known)
            table = TextTable(texts)
            kept = list(range(start))
            for place in range(start, len(texts)):
                others = np.array(kept, np.int64)
                pairs = TextPairs(table, np.full(len(others), place, np.int64), others)
                if not len(others) or not pairs.alike(PROMPT_JACCARD).any():
                    kept.append(place)
                    taken.add(texts[place])
            self._known += [prompt for prompt in fresh if prompt in taken]
        found: list[bool] = []
        for prompt in prompts:
            found.append(prompt in taken)
            taken.discard(prompt)  # the second of two equal ones is not new
        return found
