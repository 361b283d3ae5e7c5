"""Are two answers that share many 5-grams one answer: what they come to, and what is their own.

Of 26 rows that were left out of sets whose prompts many models had answered, five were wrong: their
answers had the text of the prompt in common, or its numbers, and came to something else.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

import numpy as np

from goldleaf.curation.near_duplicates.text_table import TextTable

Array = np.ndarray[Any, Any]

OWN_JACCARD = 0.4
"""Share of equal 5-grams among those that the prompt has not, of answers to the same prompt."""
OWN_CONTAINED = 0.85
TYPED = 0.8
"""Share of characters that stay in a misspelt answer, neighbours swapped."""
LEAST_OWN = 12
"""5-grams of an answer that the prompt has not, below which they say nothing."""
_MOST_TYPED = 10_000
"""Characters of a text up to which they are compared one by one, in some ms: the time grows with
their square. Of longer ones the 5-grams alone decide."""
_LAST = 32
"""Characters of the end of a text that are looked at for a number."""
_LAST_NUMBER = re.compile(r"(?<!\d)(\d+)(?: 0+)?\Z")
"""Without a fraction of zeros, whose point is folded to a space."""
LONG_NUMBER = 3
"""Digits of a number from which one of them is mistyped rather than the number another one."""
SAME_NUMBERS = 3
"""Equal numbers of two long answers, from which a digit that one of them lost is mistyped."""


def other_result(table: TextTable, one: Array, other: Array) -> Array:
    """Return of which pairs both texts end in a number, and not in the same one."""
    found = np.zeros(len(one), np.bool_)
    for pair, (first, second) in enumerate(zip(one.tolist(), other.tolist(), strict=True)):
        ends = _result(table, first), _result(table, second)
        differ = bool(ends[0] and ends[1]) and ends[0] != ends[1]
        found[pair] = differ and not _is_beginning(table, first, second, max(map(len, ends)))
    return found


def _is_beginning(table: TextTable, one: int, other: int, number: int) -> bool:
    """Return whether one text is the other one without its end, its last number aside."""
    short, long = sorted((one, other), key=lambda text: int(table.lengths[text]))
    texts = table.folded_texts(np.array([short, long]))
    begins = texts[0][: len(texts[0]) - number]
    return texts[1].startswith(begins) and any(map(str.isalpha, texts[1][len(begins) :]))


def _result(table: TextTable, text: int) -> str:
    end = int(table.starts[text] + table.lengths[text])
    last = table.characters[max(int(table.starts[text]), end - _LAST) : end]
    if not len(last) or not 48 <= last[-1] <= 57:
        return ""
    found = _LAST_NUMBER.search(last.astype(np.uint32).tobytes().decode("utf-32-le"))
    return found[1] if found else ""


def digit_lost(table: TextTable, one: Array, other: Array) -> Array:
    """Return which pairs have the same numbers but for a digit or two that one text lacks.

    Of many numbers one that is a digit short is mistyped; where there are few, it is another one.
    """
    found = np.zeros(len(one), np.bool_)
    numbers = table.numbers(one), table.numbers(other)
    for pair, (first, second) in enumerate(zip(*(each.tolist() for each in numbers), strict=True)):
        own, others = table.counters[first], table.counters[second]
        if (own & others).total() >= SAME_NUMBERS:
            found[pair] = _short_of(own - others, others - own)
    return found


def _short_of(one: Counter[str], other: Counter[str]) -> bool:
    """Return whether one of two lists of numbers is the other one, without one or two digits."""
    lists = [sorted(each.elements()) for each in (one, other)]
    short, long = sorted(lists, key=lambda each: sum(map(len, each)))
    for number in short:
        whole = next((each for each in long if number in _without_a_digit(each)), None)
        if whole is None or len(whole) < LONG_NUMBER:
            return False
        long.remove(whole)
    return len(short) + len(long) <= 2 and all(len(each) == 1 for each in long)


def _without_a_digit(number: str) -> list[str]:
    return [number[:place] + number[place + 1 :] for place in range(len(number))]


def alike_beyond_prompt(table: TextTable, prompts: Array, one: Array, other: Array) -> Array:
    """Return which answers to one prompt are alike in what the prompt does not hold.

    Args:
        table: the texts.
        prompts: the number of the prompt of each pair.
        one: of its first answer.
        other: of its second one.
    """
    found = np.ones(len(one), np.bool_)
    rows = zip(prompts.tolist(), one.tolist(), other.tolist(), strict=True)
    for pair, (prompt, first, second) in enumerate(rows):
        given = table.shingles.of(prompt)
        own = [np.setdiff1d(table.shingles.of(text), given, True) for text in (first, second)]
        least = min(map(len, own))
        if least >= LEAST_OWN:
            shared = len(np.intersect1d(*own, assume_unique=True))
            near = shared >= OWN_JACCARD * (len(own[0]) + len(own[1]) - shared)
            found[pair] = near or shared >= OWN_CONTAINED * least or _typed(table, first, second)
    return found


def _typed(table: TextTable, one: int, other: int) -> bool:
    """Return whether two texts, none of them very long, differ in few characters."""
    from rapidfuzz.distance import OSA

    if max(table.lengths[one], table.lengths[other]) > _MOST_TYPED:
        return False

    return bool(OSA.normalized_similarity(*table.folded_texts(np.array([one, other]))) >= TYPED)
