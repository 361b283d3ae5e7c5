"""How far several answers of one model to one prompt disagree: 0 the same, 1 nothing in common."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import numpy as np

from goldleaf.curation.near_duplicates.text_similarity import TextPairs
from goldleaf.curation.near_duplicates.text_table import TextTable


def disagreement(texts: Sequence[str]) -> float | None:
    """Return 1 minus the mean Jaccard similarity of 5-grams over all pairs; None for under two.

    >>> disagreement(["It is 4.", "It is 4."]), disagreement(["4"])
    (0.0, None)
    """
    if len(texts) < 2:
        return None
    distinct = list(dict.fromkeys(texts))
    if len(distinct) == 1:
        return 0.0
    places = [distinct.index(text) for text in texts]
    pairs = np.array(list(combinations(range(len(distinct)), 2)), np.int64)
    table = TextTable(distinct)
    alike = TextPairs(table, pairs[:, 0], pairs[:, 1]).jaccard
    known = {(int(a), int(b)): float(j) for (a, b), j in zip(pairs, alike, strict=True)}
    similar = [
        1.0 if one == other else known[min(one, other), max(one, other)]
        for one, other in combinations(places, 2)
    ]
    return round(1.0 - sum(similar) / len(similar), 6)
