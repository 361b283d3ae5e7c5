"""Which words may be one word, misspelt or inflected."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Protocol

import numpy as np

Array = np.ndarray[Any, Any]

_LONGEST = 24
"""Letters of a word that may be misspelt."""


class Words(Protocol):
    """Words by their places."""

    def word_hashes(self, places: Array) -> Array:
        """Return the hashes of words."""
        ...

    def word(self, place: int) -> str:
        """Return a word."""
        ...


class Spellings:
    """Keys of words, as numbers: two words may be one if they have a key in common."""

    def __init__(self) -> None:
        self._keys: list[int] = []
        self._numbers: dict[str, int] = {}
        self._ranges: dict[int, tuple[int, int]] = {}

    def keys(self, words: Words, places: Array) -> tuple[Array, Array]:
        """Return the keys of words, and of which of them each is.

        Args:
            words: looked up by their places.
            places: of the words.

        Returns:
            for each key the word's place in `places`, int64; the key, uint64, less than 2 ** 32.
        """
        distinct, first, numbers = np.unique(
            words.word_hashes(places), return_index=True, return_inverse=True
        )
        ranges = np.empty((len(distinct), 2), np.int64)
        for number, (hashed, place) in enumerate(
            zip(distinct.tolist(), places[first].tolist(), strict=True)
        ):
            known = self._ranges.get(hashed)
            if known is None:
                known = self._ranges[hashed] = self._added(words.word(place))
            ranges[number] = known
        starts, counts = ranges[numbers, 0], ranges[numbers, 1]
        ends = np.cumsum(counts)
        index = np.arange(ends[-1] if len(ends) else 0) + np.repeat(starts - ends + counts, counts)
        return np.repeat(np.arange(len(places)), counts), np.array(self._keys, np.uint64)[index]

    def _added(self, word: str) -> tuple[int, int]:
        start, numbers = len(self._keys), self._numbers
        self._keys.extend(numbers.setdefault(key, len(numbers)) for key in _spellings(word))
        return start, len(self._keys) - start


def misspelt(one: str, other: str) -> bool:
    """Return whether two words may be one word, misspelt or inflected.

    Letters in another order, one letter more, less or other in a word of five or more, an "s" or
    "ed" more. Names that differ in two letters, such as Austria and Australia, are two words.

    >>> misspelt("eemregd", "emerged"), misspelt("tyme", "time"), misspelt("increase", "decrease")
    (True, False, False)
    """
    return not _spellings(one).isdisjoint(_spellings(other))


@lru_cache(maxsize=65_536)
def _spellings(word: str) -> frozenset[str]:
    """Return keys of which misspelt words have one in common: looked up, no pair is compared."""
    if not word.isalpha() or not 2 <= len(word) <= _LONGEST:
        return frozenset()
    found = {word}
    if len(word) > 2:
        found.add("".join(sorted(word)) + "*")
    if word.endswith("s"):
        found.add(word[:-1])
    elif word.endswith("ed"):
        found.add(word[:-2])
    if len(word) > 4:
        found.update(word[:place] + word[place + 1 :] for place in range(len(word)))
    return frozenset(found)
