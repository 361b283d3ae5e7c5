"""Which tasks to answer first, before a model can say what it is unsure of: some of each sort.

A rare choice is then among the first labels, without which no model knows of it. The sorts are how
far the texts of a task refuse, as the detector has it: full, partial, not. Sorts by the risks that
prompts touch did harm: of many sorts each gets too few labels to be learned.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import xxhash

from goldleaf.backend.training.ngrams import texts_of
from goldleaf.curation.refusals.refusal_detector import refusal


def first_order(tasks: Sequence[Mapping[str, Any]]) -> list[float | None]:
    """Return each task's place in the queue, 0 to 1, the least first: the sorts take turns.

    Within a sort the order is that of a hash of the texts, whatever order the tasks come in. None
    for all where they are of one sort.

    Args:
        tasks: the data of each task that may be answered next.
    """
    texts = [texts_of(data) for data in tasks]
    drawn = [xxhash.xxh64_hexdigest("\0".join(each.values()).encode()) for each in texts]
    counts = Counter[tuple[str, ...]]()
    turns: list[tuple[int, str, int]] = []
    for row in sorted(range(len(tasks)), key=lambda row: (drawn[row], row)):
        sort = tuple(_sort(texts[row]))
        turns.append((counts[sort], drawn[row], row))
        counts[sort] += 1
    places: list[float | None] = [None] * len(tasks)
    if len(counts) > 1:
        for place, (_, _, row) in enumerate(sorted(turns)):
            places[row] = round(place / len(tasks), 6)
    return places


def _sort(texts: Mapping[str, str]) -> list[str]:
    """Return how far each text of a task refuses, by field."""
    return [f"{field}:{refusal(text).extent}" for field, text in texts.items()]
