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


class FieldWords:
    """The columns of one field's n-grams.

    Args:
        columns: word, or pair of words with a space between -> column.
    """

    def __init__(self, columns: Mapping[str, int]) -> None:
        words = sorted({word for ngram in columns for word in ngram.split(" ")})
        self._ids = {word: place for place, word in enumerate(words, 1)}
        self._size = np.int64(len(words) + 1)
        self._columns = np.array([0, *(columns.get(word, -1) + 1 for word in words)], np.int64)
        pairs = sorted(
            (self._ids[first] * int(self._size) + self._ids[second], column + 1)
            for ngram, column in columns.items()
            for first, space, second in [ngram.partition(" ")]
            if space
        )
        self._pairs = np.array([*(pair for pair, _ in pairs), -1], np.int64)
        self._pair_columns = np.array([*(column for _, column in pairs), 0], np.int64)

    def found(self, texts: Sequence[str]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return the place in `texts` and the column + 1 of each known n-gram, repeats included."""
        listed = [words_of(text) for text in texts]
        words = [word for each in listed for word in each]
        ids = np.fromiter(map(self._ids.get, words, repeat(0)), np.int64, len(words))
        places = np.repeat(np.arange(len(texts)), [len(each) for each in listed])
        known = self._columns.take(ids)
        first, second = ids[:-1], ids[1:]
        both = ((first > 0) & (second > 0) & (places[:-1] == places[1:])).nonzero()[0]
        pairs = first.take(both) * self._size + second.take(both)
        at = np.searchsorted(self._pairs[:-1], pairs)
        paired = np.where(self._pairs.take(at) == pairs, self._pair_columns.take(at), 0)
        columns = np.concatenate([known, paired])
        kept = columns.nonzero()[0]
        return np.concatenate([places, places.take(both)]).take(kept), columns.take(kept)


class Lookup:
    """A model's vocabulary, by field.

    Args:
        vocabulary: field, `SEPARATOR` and n-gram of `ngrams.ngrams_of` -> column.
    """

    def __init__(self, vocabulary: Mapping[str, int]) -> None:
        fields: dict[str, dict[str, int]] = {}
        for name, column in vocabulary.items():
            field, _, ngram = name.rpartition(SEPARATOR)
            fields.setdefault(field, {})[ngram] = column
        self._fields = {name: FieldWords(columns) for name, columns in fields.items()}
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
        keys: list[NDArray[np.int64]] = [np.zeros(0, np.int64)]
        for name, field in self._fields.items():
            places, columns = field.found([texts.get(name, "") for texts in tasks])
            keys.append(places * self._width + columns)
        found, counts = np.unique(np.concatenate(keys), return_counts=True)
        places = found // self._width
        return places, found - places * self._width - 1, counts
