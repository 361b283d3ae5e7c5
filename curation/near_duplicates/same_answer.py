"""Whether two answers to one prompt say nearly the same."""

from __future__ import annotations

import numpy as np

from goldleaf.curation.near_duplicates.text_differences import other_numbers
from goldleaf.curation.near_duplicates.text_similarity import ANSWER_JACCARD, TextPairs
from goldleaf.curation.near_duplicates.text_table import TextTable


def same_answer(one: str, other: str) -> bool:
    """Return whether two answers to one prompt are near duplicates.

    By the limits of `text_similarity`, whose prompts are the same here; other numbers make another
    answer.

    >>> same_answer("Gold leaf is gold beaten thin.", "gold leaf is Gold, beaten thin")
    True
    >>> same_answer("It takes 3 days.", "It takes 5 days.")
    False
    """
    if one == other:
        return True
    table = TextTable([one, other])
    pair = TextPairs(table, np.array([0]), np.array([1]))
    return bool((pair.alike(ANSWER_JACCARD) & ~other_numbers(table, pair.one, pair.other))[0])
