"""The texts that pairs compare, each once: folded, their 5-grams, their words and their numbers."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from functools import cache, cached_property, lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from goldleaf.curation.near_duplicates.folded_texts import FoldedTexts, fold, united_texts
from goldleaf.curation.near_duplicates.record_parts import batches
from goldleaf.curation.near_duplicates.shingles import shingles
from goldleaf.curation.near_duplicates.sorted_numbers import sort_runs
from goldleaf.curation.near_duplicates.spellings import MOST, spelling_keys
from goldleaf.curation.near_duplicates.word_table import (
    NUMBER_WORDS,
    WordTable,
    united,
    word_table,
)

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

Array = np.ndarray[Any, Any]

_SORTED = 256
"""Texts whose shingles are put in order at once."""
_COLUMNS = 2**31 - 1
_BLOCK = 200_000
"""Shingles that are compared at once."""
_NUMBER = re.compile(r"(?:\d{1,3}(?:,\d{3}){1,10}(?!\d)|\d{1,50})(?:\.\d{1,30})?")
_SEPARATORS = str.maketrans("", "", ",.")
_NUMBER_WORD = re.compile(rf"\b(?:{'|'.join(NUMBER_WORDS)})\b")
VERY_SHORT = 80
"""Characters up to which the words of content decide, in any order: 5-grams are too few."""
_WIDE = 0x3000
_PLAIN = range(0x3005, 0xA000)
"""Characters among which none is a digit; 一 and 二 are no digits either."""


class ShingleTable:
    """The distinct shingles of texts, one text after the other, ascending within each.

    Attributes:
        hashes: int32, 0 to 2 ** 31 - 1.
        counts: int64, shingles of each text.
    """

    def __init__(self, hashes: Array, counts: Array) -> None:
        self.hashes = hashes
        self.counts = counts

    @cached_property
    def _rows(self) -> csr_matrix:
        """The texts as rows of a sparse matrix, whose columns are shingles."""
        from scipy.sparse import csr_matrix

        # Of the type of the hashes: none of the arrays is copied.
        ends = np.zeros(len(self.counts) + 1, self.hashes.dtype)
        np.cumsum(self.counts, out=ends[1:])
        ones = np.ones(len(self.hashes), np.bool_)
        return csr_matrix((ones, self.hashes, ends), (len(self.counts), _COLUMNS), copy=False)

    @cached_property
    def starts(self) -> Array:
        """Of each text, its first place in `hashes`."""
        return np.cumsum(self.counts) - self.counts

    def of(self, text: int) -> Array:
        """Return the shingles of a text."""
        return self.hashes[self.starts[text] : self.starts[text] + self.counts[text]]

    def shared(self, one: Array, other: Array) -> Array:
        """Return how many shingles the texts of each pair share."""
        found = np.zeros(len(one), np.int64)
        # Some pairs at a time, so that their shingles stay in a cache of the processor.
        blocks = np.cumsum(self.counts[one] + self.counts[other]) // _BLOCK
        cuts = np.flatnonzero(blocks[1:] != blocks[:-1]) + 1
        for start, end in pairwise([0, *cuts.tolist(), len(one)]):
            both: Any = self._rows[one[start:end]].multiply(self._rows[other[start:end]])
            found[start:end] = np.diff(both.indptr)
        return found


class TextTable:
    """Texts as arrays, by their numbers.

    Attributes:
        characters: of all folded texts, one after the other.
        starts: of each text, its first place in `characters`.
        lengths: folded characters of each.
        extents: likewise, Chinese ones counted double.
        forms: a hash of each folded text.
        shingles: of each.
        words: of the texts that were asked for (`read_words`), one after the other.
        word_places: of each text, its place among those of `words`; -1 if it was not asked for.
        word_texts: of each text of `words`, its number here.
        digits: of texts whose `numbers` were asked for, a hash of their digits in order.
        counters: different numbers that texts have, each with how often; the first has none.
    """

    def __init__(self, texts: Sequence[str], folded: FoldedTexts | None = None) -> None:
        """Read different texts; the last of them may be `folded` already."""
        from xxhash import xxh3_64_intdigest

        known = 0 if folded is None else len(folded.ends)
        unknown = texts[: len(texts) - known]
        sizes = np.fromiter(map(len, unknown), np.int64, len(unknown))
        parts = [fold(unknown[batch]) for batch in batches(sizes)]
        self._folded = united_texts(parts if folded is None else [*parts, folded])
        self.characters, self.starts = self._folded.characters, self._folded.starts
        self.lengths = self._folded.ends - self.starts
        self.shingles = ShingleTable(*_distinct(self._folded))
        self.extents = _extents(self._folded)
        content: Any = self.characters.view(np.uint8).data
        bounds: Any = np.stack([self.starts, self._folded.ends], axis=1) * 4
        forms = (xxh3_64_intdigest(content[start:end]) for start, end in bounds.tolist())
        self.forms = np.fromiter(forms, np.uint64, len(texts))
        self.words = word_table([], fold([]))
        self.word_places = np.full(len(texts), -1, np.int64)
        self.word_texts = np.zeros(0, np.int64)
        self.counters: list[Counter[str]] = [Counter()]
        self._texts = list(texts)
        self.digits = np.zeros(len(texts), np.int64)
        self._numbers = np.full(len(texts), -1, np.int64)
        self._numbers_of: dict[frozenset[tuple[str, int]], int] = {frozenset(): 0}

    def read_words(self, texts: Array) -> None:
        """Read the words of texts, by their numbers, where they are not known."""
        wanted = np.unique(texts[self.word_places[texts] < 0])
        if not len(wanted):
            return
        tables = [self.words]
        for batch in batches(self.lengths[wanted]):
            own = wanted[batch]
            folded = self._folded.some(own)
            table = word_table([self._texts[text] for text in own.tolist()], folded)
            digits = np.add.reduceat(_is_digit(folded.characters), folded.starts, dtype=np.int64)
            self._numbers[own[(digits == 0) & ~table.numbered]] = 0
            tables.append(table)
        self.word_places[wanted] = np.arange(len(wanted)) + len(self.word_texts)
        self.word_texts = np.concatenate([self.word_texts, wanted])
        self.words = united(tables)

    def content_words(self, texts: Array) -> Array:
        """Return how many different words of content texts have whose words were read."""
        sums = np.zeros(len(self.words.content) + 1, np.int64)
        np.cumsum(self.words.content, out=sums[1:])
        places = self.word_places[texts]
        return sums[self.words.offsets[places + 1]] - sums[self.words.offsets[places]]

    def numbers(self, texts: Array) -> Array:
        """Return what is the same for texts with the same numbers: a place in `counters`."""
        found = self._numbers[texts]
        unread = np.unique(texts[found < 0])
        for text in unread.tolist():
            place = self.word_places[text]
            # "ten€" is one word there: only of ASCII do words say whether one is a number
            ascii_words = place >= 0 and self._texts[text].isascii()
            worded = not ascii_words or self.words.numbered[place]
            folded = self.folded(text) if worded else ""
            counter, digits = _numbers(self._texts[text], folded)
            self.digits[text] = digits
            number = self._numbers_of.setdefault(frozenset(counter.items()), len(self.counters))
            if number == len(self.counters):
                self.counters.append(counter)
            self._numbers[text] = number
        return self._numbers[texts] if len(unread) else found

    def words_of(self, texts: Array) -> WordTable:
        """Return the words of some texts alone, by their places in `texts`."""
        return word_table([self._texts[text] for text in texts.tolist()], self._folded.some(texts))

    def spelling_keys(self, places: Array) -> tuple[Array, Array]:
        """Return keys of words, by their places among `words`, as `spellings.spelling_keys`."""
        hashes, first, numbers = np.unique(
            self.words.hashes[places], return_index=True, return_inverse=True
        )
        distinct = places[first]
        sizes = np.where(self.words.sizes[distinct] <= MOST, self.words.sizes[distinct], 0)
        starts = (
            self.words.places[distinct] + self.starts[self.word_texts[self.words.texts[distinct]]]
        )
        ends = np.cumsum(sizes)
        index = np.arange(sizes.sum()) + np.repeat(starts - ends + sizes, sizes)
        owners, keys = spelling_keys(self.characters[index], sizes)
        counts = np.bincount(owners, minlength=len(hashes))
        starts = np.cumsum(counts) - counts
        counts, starts = counts[numbers], starts[numbers]
        ends = np.cumsum(counts)
        index = np.arange(counts.sum()) + np.repeat(starts - ends + counts, counts)
        return np.repeat(np.arange(len(places)), counts), keys[index]

    def folded(self, text: int) -> str:
        """Return a folded text."""
        start = self.starts[text]
        return self._decoded(start, start + self.lengths[text])

    def folded_texts(self, texts: Array) -> list[str]:
        """Return some folded texts, decoded at once."""
        found = self._folded.some(texts)
        decoded = found.characters.tobytes().decode("utf-32-le")
        bounds: Any = np.stack([found.starts, found.ends], axis=1)
        return [decoded[start:end] for start, end in bounds.tolist()]

    def word(self, place: int) -> str:
        """Return a word, by its place among `words`."""
        start = int(self.words.places[place])
        if start < 0:
            return self.words.names[int(self.words.hashes[place])]
        start += int(self.starts[self.word_texts[int(self.words.texts[place])]])
        return self._decoded(start, start + self.words.sizes[place])

    def _decoded(self, start: int, end: int) -> str:
        return self.characters[start:end].tobytes().decode("utf-32-le")


def _extents(folded: FoldedTexts) -> Array:
    """Return the characters of each text, Chinese ones counted double."""
    wide = folded.characters > _WIDE
    lengths = folded.ends - folded.starts
    return lengths + np.add.reduceat(wide, folded.starts, dtype=np.int64) if wide.any() else lengths


def _numbers(text: str, folded: str) -> tuple[Counter[str], int]:
    """Return the numbers of a text, without separators and zeros at the end; a hash of its digits.

    The digits are those of all numbers, one after the other.
    """
    from xxhash import xxh3_64_intdigest

    plain = text if text.isascii() else unicodedata.normalize("NFKC", text)
    numbers = _NUMBER.findall(plain)
    found = Counter(map(_plain_number, numbers))
    digits = "".join(numbers).translate(_SEPARATORS).encode()
    if folded and any(word in folded for word in NUMBER_WORDS):
        found.update(NUMBER_WORDS[word] for word in _NUMBER_WORD.findall(folded))
    return found, xxh3_64_intdigest(digits) >> 1


@lru_cache(4096)
def _plain_number(number: str) -> str:
    plain = number.replace(",", "")
    if "." in plain:
        plain = plain.rstrip("0").rstrip(".")
    return plain.lstrip("0") or "0"


def _is_digit(characters: Array) -> Array:
    """Return which characters may stand for digits, fractions and the like included."""
    return np.take(_digit_table(), characters, mode="clip")


@cache
def _digit_table() -> Array:
    table = np.zeros(0x20000, np.bool_)
    for some in (range(_PLAIN.start), range(_PLAIN.stop, len(table) - 1)):
        table[some.start : some.stop] = [chr(point).isnumeric() for point in some]
    return table


def _distinct(folded: FoldedTexts) -> tuple[Array, Array]:
    """Return the distinct hashes of each text, of 31 bits, and how many it has."""
    found: list[Array] = [np.zeros(0, np.uint32)]
    counts: list[Array] = [np.zeros(0, np.int64)]
    # Of some texts at a time, which stay in a cache of the processor.
    for start in range(0, len(folded.ends), _SORTED):
        hashes, offsets = shingles(folded.slice(slice(start, start + _SORTED)))
        hashes >>= np.uint32(1)
        sort_runs(hashes, offsets)
        new = np.ones(len(hashes), np.bool_)
        np.not_equal(hashes[1:], hashes[:-1], out=new[1:])
        # Two texts may have the same hash at their bound.
        new[offsets[:-1][offsets[:-1] < len(hashes)]] = True
        sums = np.zeros(len(hashes) + 1, np.int64)
        np.cumsum(new, out=sums[1:])
        counts.append(np.diff(sums[offsets]))
        found.append(hashes[new])
    distinct = np.concatenate(found).view(np.int32)
    np.minimum(distinct, _COLUMNS - 1, out=distinct)
    return distinct, np.concatenate(counts)
