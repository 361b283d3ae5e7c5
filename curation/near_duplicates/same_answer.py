"""Whether two answers to one prompt say nearly the same."""

from __future__ import annotations

import numpy as np

from goldleaf.curation.near_duplicates.folded_texts import fold
from goldleaf.curation.near_duplicates.shingles import distinct, shingles
from goldleaf.curation.near_duplicates.text_differences import Words, other_numbers
from goldleaf.curation.near_duplicates.text_similarity import ANSWER_JACCARD, TextPair


def same_answer(one: str, other: str) -> bool:
    """Return whether two answers to one prompt are near duplicates.

    By the limits of `text_similarity`, whose prompts are the same here; other numbers make another
    answer.

    >>> same_answer("Gold leaf is gold beaten thin.", "gold leaf is Gold, beaten thin")
    True
    >>> same_answer("It takes 3 days.", "It takes 5 days.")
    False
    """
    folded = fold([one, other])
    hashes, offsets = distinct(*shingles(folded))
    first, second = hashes[offsets[0] : offsets[1]], hashes[offsets[1] : offsets[2]]
    pair = TextPair(
        Words(one, folded.text(0)),
        Words(other, folded.text(1)),
        len(np.intersect1d(first, second, assume_unique=True)),
        (len(first), len(second)),
    )
    return pair.alike(ANSWER_JACCARD) and not other_numbers(pair.one, pair.other)
