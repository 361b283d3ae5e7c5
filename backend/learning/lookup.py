"""From the texts of many tasks to a model's features at once: numpy instead of a loop per letter.

A run of one to three characters is one 64-bit number; a table per field finds its column. What a
task gives does not depend on the tasks it is asked with: its features come sorted, its sums are
made in that order.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from goldleaf.backend.learning.ngrams import LONGEST, plain

_BITS = 21
"""Bits of a character: Unicode ends at 0x10FFFF. Three of them fit into 63 bits."""
_SPREAD = np.uint64(0x9E3779B97F4A7C15)
"""Fibonacci hashing: 2**64 divided by the golden ratio, the usual multiplier for such tables."""
_FREE = np.uint64(0)
"""No run is 0, because U+0000 is read as a space."""


def _code(run: str) -> int:
    return sum(ord(char) << (_BITS * place) for place, char in enumerate(run))


class FieldTable:
    """The columns of one field's runs: an open hash table, a quarter full."""

    def __init__(self, columns: Mapping[str, int]) -> None:
        bits = max(4, (4 * len(columns)).bit_length())
        self._shift = np.uint64(64 - bits)
        self._mask = (1 << bits) - 1
        self._keys = np.zeros(1 << bits, np.uint64)
        self._columns = np.zeros(1 << bits, np.int32)
        for run, column in columns.items():
            code = _code(run)
            slot = (code * int(_SPREAD) & (2**64 - 1)) >> (64 - bits)
            while self._keys[slot] != _FREE:
                slot = (slot + 1) & self._mask
            self._keys[slot], self._columns[slot] = code, column

    def find(self, codes: NDArray[np.uint64]) -> NDArray[np.int32]:
        """Return the column of each run, -1 for those that the model does not know."""
        slots = ((codes * _SPREAD) >> self._shift).astype(np.int64)
        keys = self._keys[slots]
        found = np.where(keys == codes, self._columns[slots], np.int32(-1))
        waiting = np.flatnonzero((keys != codes) & (keys != _FREE))
        slots = slots[waiting]
        while waiting.size:
            slots = (slots + 1) & self._mask
            keys, wanted = self._keys[slots], codes[waiting]
            hit = keys == wanted
            found[waiting[hit]] = self._columns[slots[hit]]
            left = ~hit & (keys != _FREE)
            waiting, slots = waiting[left], slots[left]
        return found


@dataclass(frozen=True, slots=True)
class Features:
    """What tasks hold, task by task, columns ascending: (task, column, how often)."""

    tasks: NDArray[np.int64]
    columns: NDArray[np.int64]
    counts: NDArray[np.int64]


class Lookup:
    """A model's vocabulary, by field.

    Args:
        vocabulary: `field:run` -> column, as `ngrams` names features.
    """

    def __init__(self, vocabulary: Mapping[str, int]) -> None:
        self._width = max(1, len(vocabulary))
        fields: dict[str, dict[str, int]] = {}
        for gram, column in vocabulary.items():
            for length in range(1, LONGEST + 1):
                if gram[-length - 1 : -length] == ":":
                    fields.setdefault(gram[: -length - 1], {})[gram[-length:]] = column
        self._tables = {name: FieldTable(columns) for name, columns in fields.items()}

    def features(self, tasks: Sequence[Mapping[str, str]]) -> Features:
        """Return the known features of tasks, given as their texts by field."""
        parts: list[NDArray[np.int64]] = [np.zeros(0, np.int64)]
        for name, table in self._tables.items():
            texts = [
                (place, plain(texts[name])) for place, texts in enumerate(tasks) if name in texts
            ]
            if texts:
                parts += _found(table, texts, self._width)
        keys = np.sort(np.concatenate(parts))
        first = np.flatnonzero(np.diff(keys, prepend=-1))
        counts = np.diff(first, append=len(keys))
        owners, columns = np.divmod(keys[first], self._width)
        return Features(owners, columns, counts)


def _found(
    table: FieldTable, texts: Sequence[tuple[int, str]], width: int
) -> list[NDArray[np.int64]]:
    """Return task * width + column for each known run in these texts of one field."""
    joined = "".join(text for _, text in texts).encode("utf-32-le", "surrogatepass")
    letters = np.frombuffer(joined, np.uint32).astype(np.uint64)
    lengths = np.array([len(text) for _, text in texts])
    owners = np.repeat(np.array([place for place, _ in texts], np.int64) * width, lengths)
    left = np.repeat(np.cumsum(lengths), lengths) - np.arange(len(letters))
    found: list[NDArray[np.int64]] = []
    codes = letters
    for length in range(1, LONGEST + 1):
        if length > 1:
            more = letters[length - 1 :] << np.uint64(_BITS * (length - 1))
            codes = codes[: len(more)] | more
        whole = left[: len(codes)] >= length
        columns = table.find(codes)
        known = whole & (columns >= 0)
        found.append(owners[: len(codes)][known] + columns[known])
    return found
