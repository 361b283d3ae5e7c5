"""In what two similar texts differ: words of content, or only what a reader overlooks; numbers.

Similarity alone cannot tell a misspelt copy from another question in the same words: "the capital
of France" and "the capital of Gabon" share most of their 5-grams.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np

from goldleaf.curation.near_duplicates.hash_lookup import among
from goldleaf.curation.near_duplicates.text_table import TextTable
from goldleaf.curation.near_duplicates.word_table import WordTable

Array = np.ndarray[Any, Any]

_INSERTED = 6
"""Words of a text for each word of content that may be in it and not in the other."""
_COMPARED = 200
"""Words whose spelling is compared; texts that differ in more do differ."""
_MISSPELT = 4
"""One word of so many, and so many words, may be misspelt; more are other words."""


_CROSSED = 1_024
"""Pairs of words of two texts whose letters are compared; of more, all words are looked up."""
_CROSSED_AT_ONCE = 2**18
"""Such pairs, of all texts, that are in memory together."""
OTHER_LETTERS = 3
"""Letters that one of two words has and the other has not, at most, if they have a key in common:
"s" and "ed" at their ends are the most."""
_PAIR_FACTOR = np.uint64(0x9E3779B97F4A7C15)
_KEY_FACTOR = np.uint64(0xFF51AFD7ED558CCD)
Keys = tuple[Array, Array]
"""Places of words, and a key of each."""


class Lacking:
    """Words of texts that others lack: a list of words, by pair.

    Attributes:
        pairs: int64, ascending, the pair of each word.
        places: int64, its place in `TextTable.words`.
    """

    def __init__(self, pairs: Array, places: Array) -> None:
        self.pairs = pairs
        self.places = places

    def counts(self, pairs: int) -> Array:
        """Return how many words each of some pairs has."""
        return np.bincount(self.pairs, minlength=pairs)

    def only(self, kept: Array) -> Lacking:
        """Return some of the words."""
        return Lacking(self.pairs[kept], self.places[kept])


class Differences:
    """What the texts of pairs have, each, that the other has not, numbers aside.

    Attributes:
        one: words of content of the first texts, without misspelt words of the second.
        other: likewise of the second.
        overlooked: of each pair, whether both texts ask or say the same to a reader: none has a
            word for another; a few of one may lack in the other.
        same: whether no word of content differs.
    """

    def __init__(self, table: TextTable, one: Array, other: Array) -> None:
        self._table = table
        count, differ = len(one), np.flatnonzero(one != other)
        table.read_words(np.concatenate([one[differ], other[differ]]))
        sides = table.word_places[one[differ]], table.word_places[other[differ]]
        tokens = np.zeros(count, np.int64)
        tokens[differ] = np.maximum(*(table.words.totals[side] for side in sides))
        first = _lacking(table.words, sides[0], sides[1], differ)
        second = _lacking(table.words, sides[1], sides[0], differ)
        exchanged = np.minimum(first.counts(count), second.counts(count))
        spelt = exchanged <= _MISSPELT + tokens // _MISSPELT
        self.one, self.other = self._content(first, second, spelt)
        counts, others = self.one.counts(count), self.other.counts(count)
        self.same = (counts == 0) & (others == 0)
        self.overlooked = (
            ((counts == 0) | (others == 0)) & spelt & ((counts + others) * _INSERTED <= tokens)
        )

    def _content(self, first: Lacking, second: Lacking, spelt: Array) -> tuple[Lacking, Lacking]:
        """Return the words of content of each side that are no misspelt word of the other one."""
        both = spelt & (first.counts(len(spelt)) > 0) & (second.counts(len(spelt)) > 0)
        near = self._of_like_letters(first, second, both)
        keyed = [self._keys(words, some) for words, some in zip((first, second), near, strict=True)]
        return (
            self._told(first, second, both, keyed[0], keyed[1]),
            self._told(second, first, both, keyed[1], keyed[0]),
        )

    def _told(
        self, own: Lacking, others: Lacking, both: Array, own_keys: Keys, other_keys: Keys
    ) -> Lacking:
        content = self._table.words.content[own.places]
        counts = np.bincount(own.pairs[content], minlength=len(both)), others.counts(len(both))
        # Of very many words no keys are looked up.
        read = both & (counts[0] + counts[1] <= _COMPARED)
        words, keys = own_keys
        looked = content[words] & read[own.pairs[words]]
        content[words[looked][among(keys[looked], other_keys[1])]] = False
        return own.only(content)

    def _of_like_letters(self, first: Lacking, second: Lacking, both: Array) -> list[Array]:
        """Return which words of each side may have a key in common with one of the other side.

        No other words can be misspelt ones, whatever their keys: these are dear.
        """
        counts = first.counts(len(both)), second.counts(len(both))
        few = both & (counts[0] * counts[1] <= _CROSSED)
        found = [(both & ~few)[words.pairs] for words in (first, second)]
        own = np.flatnonzero(few[first.pairs])
        repeats = counts[1][first.pairs[own]]
        starts = (np.cumsum(counts[1]) - counts[1])[first.pairs[own]]
        letters = self._table.words.letters
        ends = np.cumsum(repeats)
        blocks = (ends - repeats) // _CROSSED_AT_ONCE
        for start, end in pairwise([*np.flatnonzero(np.diff(blocks, prepend=-1)), len(own)]):
            some, times = own[start:end], repeats[start:end]
            one = np.repeat(some, times)
            within = np.arange(len(one)) - np.repeat(np.cumsum(times) - times, times)
            other = within + np.repeat(starts[start:end], times)
            differ = letters[first.places[one]] ^ letters[second.places[other]]
            near = np.bitwise_count(differ) <= OTHER_LETTERS
            found[0][one[near]] = True
            found[1][other[near]] = True
        return found

    def _keys(self, words: Lacking, wanted: Array) -> Keys:
        """Return the keys of the spelling of some words, different ones for each pair."""
        kept = np.flatnonzero(wanted)
        owners, keys = self._table.spelling_keys(words.places[kept])
        owners = kept[owners]
        pairs = words.pairs[owners].astype(np.uint64)
        return owners, (keys ^ (pairs * _PAIR_FACTOR)) * _KEY_FACTOR


def _lacking(words: WordTable, one: Array, other: Array, numbers: Array) -> Lacking:
    """Return the words that the first texts of pairs have more often than the second.

    Args:
        words: of texts.
        one: places of the first texts in `words`.
        other: likewise of the second.
        numbers: of the pairs, ascending.
    """
    counts = words.offsets[one + 1] - words.offsets[one]
    starts = np.cumsum(counts) - counts
    places = np.arange(counts.sum()) + np.repeat(words.offsets[one] - starts, counts)
    found = words.occurrences(np.repeat(other, counts), words.hashes[places])
    return Lacking(np.repeat(numbers, counts), places).only(found < words.counts[places])


def other_numbers(table: TextTable, one: Array, other: Array) -> Array:
    """Return of which pairs each text has a number that the other has not.

    The same digits in the same order are the same numbers: "2 019" or "18-2岁5" is mistyped.
    """
    found = _numbers_differ(table, one, other)[0]
    return found & (table.digits[one] != table.digits[other])


def more_numbers(table: TextTable, one: Array, other: Array) -> Array:
    """Return of which pairs one text has two numbers or more that the other has not."""
    return _numbers_differ(table, one, other)[1]


def _numbers_differ(table: TextTable, one: Array, other: Array) -> Array:
    found = np.zeros((2, len(one)), np.bool_)
    known: dict[tuple[int, int], tuple[bool, bool]] = {}
    first, second = table.numbers(one), table.numbers(other)
    for pair in np.flatnonzero(first != second).tolist():
        key = int(first[pair]), int(second[pair])
        if key not in known:
            own, others = (table.counters[number] for number in key)
            more, less = own - others, others - own
            known[key] = bool(more) and bool(less), max(more.total(), less.total()) > 1
        found[:, pair] = known[key]
    return found
