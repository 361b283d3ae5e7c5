"""Runs of characters within words, counted as scikit-learn counts them, each word read once.

A text's runs are those of its words, and most of a text's words were in a text before it: the runs
of a word are looked up in the vocabulary when it is first met.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

KEPT: Final = 100_000
"""Words whose runs are kept (a word of six letters takes about 300 bytes)."""
LONGEST: Final = 24
"""Letters of a word that is kept: longer ones, such as lines of Chinese, hardly come again."""


class RunNumbers:
    """The numbers of words' runs in a vocabulary.

    Args:
        vocabulary: run to number.
        shortest, longest: characters of a run.
    """

    def __init__(self, vocabulary: Mapping[str, int], shortest: int, longest: int) -> None:
        self._number = vocabulary
        self._sizes = (shortest, longest)
        self._known: dict[str, NDArray[np.int32]] = {}

    def of(self, text: str) -> list[NDArray[np.int32]]:
        """Return the numbers of each word's runs, in any order, as often as they stand in it."""
        return [self._of(word) for word in text.lower().split()]

    def _of(self, word: str) -> NDArray[np.int32]:
        known = self._known.get(word)
        if known is not None:
            return known
        found = map(self._number.get, runs_of(word, *self._sizes))
        runs = np.array([number for number in found if number is not None], np.int32)
        if len(word) <= LONGEST and len(self._known) < KEPT:
            self._known[word] = runs
        return runs


def runs_of(word: str, shortest: int, longest: int) -> list[str]:
    """Return the runs of a word with a space on either side.

    >>> runs_of("ab", 3, 4)
    [' ab', 'ab ', ' ab ']
    """
    spaced = f" {word} "
    size = len(spaced)
    found: list[str] = []
    for length in range(shortest, longest + 1):
        # A word shorter than a run is one run, and only once.
        found.extend(spaced[at : at + length] for at in range(max(1, size - length + 1)))
        if length >= size:
            break
    return found


class WordRuns:
    """What a fitted vectorizer's `transform` returns, bit by bit the same.

    Args:
        vectorizer: a fitted `TfidfVectorizer` of `analyzer="char_wb"` with its other steps as they
            are by default (lower case, no accents stripped).
    """

    def __init__(self, vectorizer: Any) -> None:
        self._vectorizer = vectorizer
        self._runs = RunNumbers(vectorizer.vocabulary_, *vectorizer.ngram_range)

    def transform(self, texts: Sequence[str]) -> Any:
        """Return the sparse matrix (texts, runs) of TF-IDF, rows of length 1."""
        from scipy.sparse import csr_matrix

        runs: list[NDArray[np.int32]] = [np.zeros(0, np.int32)]
        ends = [0]
        for text in texts:
            its = self._runs.of(text)
            runs.extend(its)
            ends.append(ends[-1] + sum(map(len, its)))
        once = np.ones(ends[-1], self._vectorizer.dtype)
        shape = (len(texts), len(self._vectorizer.vocabulary_))
        matrix = csr_matrix((once, np.concatenate(runs), ends), shape=shape)
        matrix.sum_duplicates()
        return self._vectorizer._tfidf.transform(matrix, copy=False)
