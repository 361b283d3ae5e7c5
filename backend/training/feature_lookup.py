"""From the texts of a task to a model's features: many texts a call, numpy instead of a loop.

Few calls, because each of them lets another thread in, and taking turns costs a server more than
the sums.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import repeat

import numpy as np
from numpy.typing import NDArray

from goldleaf.backend.training.ngrams import words_of

SEPARATOR = "\t"
"""Between a field's name and its n-gram, which holds no tab."""


class Lookup:
    """A model's vocabulary.

    Args:
        vocabulary: field, `SEPARATOR` and n-gram of `ngrams.ngrams_of` -> column.
    """

    def __init__(self, vocabulary: Mapping[str, int]) -> None:
        self._ids: dict[str, dict[str, int]] = {}
        """Field -> word -> number, from 1 on: each field has numbers of its own."""
        columns, pairs = [0], dict[tuple[int, int], int]()
        for name, column in vocabulary.items():
            field, _, ngram = name.rpartition(SEPARATOR)
            ids = self._ids.setdefault(field, {})
            found: list[int] = []
            for word in ngram.split(" "):
                if word not in ids:
                    ids[word] = len(columns)
                    columns.append(0)
                found.append(ids[word])
            if len(found) == 2:
                pairs[found[0], found[1]] = column + 1
            else:
                columns[found[0]] = column + 1
        self._columns = np.array(columns, np.int64)
        self._size = np.int64(len(columns))
        ranked = sorted(pairs.items())
        keys = [first * len(columns) + second for (first, second), _ in ranked]
        self._pairs = np.array([*keys, -1], np.int64)
        self._pair_columns = np.array([*(column for _, column in ranked), 0], np.int64)
        self._width = 1 + max(vocabulary.values(), default=0) + 1

    def features(self, texts: Mapping[str, str]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return the columns, ascending, that a task's texts hold, and how often each.

        Two arrays of equal length, empty where nothing is known. `texts` are as `texts_of` returns
        them; fields and n-grams outside the vocabulary are ignored.
        """
        _, columns, counts = self.features_of([texts])
        return columns, counts

    def features_of(
        self, tasks: Sequence[Mapping[str, str]]
    ) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
        """Return what `features` says of several tasks: which task, which column, how often.

        Three arrays of equal length, task by task.
        """
        listed: list[int] = []
        sizes: list[int] = []
        for texts in tasks:
            before = len(listed)
            for name, ids in self._ids.items():
                # 0 for an unknown word, and behind each text: neither is in a pair.
                listed += map(ids.get, words_of(texts.get(name, "")), repeat(0))
                listed.append(0)
            sizes.append(len(listed) - before)
        words = np.array(listed, np.int64)
        keys = words[:-1] * self._size + words[1:]
        at = np.searchsorted(self._pairs[:-1], keys)
        pairs = np.where(self._pairs.take(at) == keys, self._pair_columns.take(at), 0)
        begins = np.repeat(np.arange(len(tasks)) * self._width, sizes)
        columns = np.concatenate([self._columns.take(words), pairs])
        kept = columns.nonzero()[0]
        found = columns.take(kept) + np.concatenate([begins, begins[:-1]]).take(kept)
        found, counts = np.unique(found, return_counts=True)
        places = found // self._width
        return places, found - places * self._width - 1, counts
