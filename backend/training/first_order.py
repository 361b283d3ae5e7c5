"""Which tasks to answer first, before a model can say what it is unsure of: some of each sort.

The sorts are how far the texts of a task refuse, as the detector has it: full, partial, not. The
first ten are of the two commonest sorts, so that a model, which needs five answers of two choices
each, is there after them; then all sorts take turns, so that a rare choice is among the first
labels as well. Of a sort, refusals that are surely full come first, and prompts that had no turn
yet: several models' answers to one prompt teach much the same. Sorts by the risks that prompts
touch did harm: of many sorts each gets too few labels to be learned.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from heapq import heapify, heappop, heapreplace
from typing import Any, TypeAlias

import xxhash

from goldleaf.backend.training.ngrams import texts_of
from goldleaf.backend.training.training_examples import Example, prompt_group
from goldleaf.curation.refusals.refusal_certainty import is_certain_full_refusal
from goldleaf.curation.refusals.refusal_detector import refusal

FIRST = 5
"""Answers of each of the two commonest sorts before another sort has a turn."""
REMEMBERED = 200
"""Answers whose sort is counted, the last ones: after so many it is no longer about the first."""
_Sort: TypeAlias = tuple[str, ...]
_Waiting: TypeAlias = list[tuple[int, int, str, int]]


def first_order(
    tasks: Sequence[Mapping[str, Any]], answered: Sequence[Example] = (), *, draw: str = ""
) -> list[float | None]:
    """Return each task's place in the queue, 0 to 1, the least first: the sorts take turns.

    What nothing else decides a hash of the texts does, whatever order the tasks come in. None for
    all where they are of one sort.

    Args:
        tasks: the data of each task that may be answered next.
        answered: what was answered already; its sorts and prompts had their turns.
        draw: another one gives another order within a sort.
    """
    texts = [texts_of(data) for data in tasks]
    sorts = [_sort(each) for each in texts]
    if len(set(sorts)) < 2:
        return [None] * len(tasks)
    had = Counter(_sort(example.texts) for example in answered[-REMEMBERED:])
    served = Counter(example.group for example in answered)
    rarest_first = sorted((had + Counter(sorts)).items(), key=lambda each: (each[1], each[0]))
    common = [sort for sort, _ in rarest_first[-2:]]
    groups = [prompt_group(data) for data in tasks]
    waiting: dict[_Sort, _Waiting] = {sort: [] for sort, _ in rarest_first}
    for row, each in enumerate(texts):
        drawn = xxhash.xxh64_hexdigest("\0".join((draw, *each.values())).encode())
        waiting[sorts[row]].append((_doubtful(each), served[groups[row]], drawn, row))
    for heap in waiting.values():
        heapify(heap)
    places: list[float | None] = [None] * len(tasks)
    for place in range(len(tasks)):
        left = [sort for sort, heap in waiting.items() if heap]
        early = [sort for sort in left if sort in common and had[sort] < FIRST]
        turns = {sort: had[sort] - FIRST * (sort in common) for sort in early or left}
        sort = min(turns, key=lambda each: turns[each])
        row = _next(waiting[sort], served, groups)
        places[row] = round(place / len(tasks), 6)
        had[sort] += 1
        served[groups[row]] += 1
    return places


def _next(heap: _Waiting, served: Mapping[str, int], groups: Sequence[str]) -> int:
    """Take a row from a heap of (doubtful, turns its prompt had, hash, row); turns as of now."""
    while heap[0][1] < served[groups[heap[0][3]]]:
        doubtful, _, drawn, row = heap[0]
        heapreplace(heap, (doubtful, served[groups[row]], drawn, row))
    return heappop(heap)[3]


def _sort(texts: Mapping[str, str]) -> _Sort:
    """Return how far each text of a task refuses, by field."""
    return tuple(f"{field}:{refusal(text).extent}" for field, text in texts.items())


def _doubtful(texts: Mapping[str, str]) -> int:
    """Return how many texts of a task refuse in full without that being sure."""
    return sum(
        refusal(text).extent == "full" and not is_certain_full_refusal(text)
        for text in texts.values()
    )
