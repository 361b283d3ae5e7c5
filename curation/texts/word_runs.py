"""Runs of characters within words, counted as scikit-learn counts them, each word read once.

A text's runs are those of its words, and most of a text's words were in a text before it: the runs
of a word are looked up in the vocabulary when it is first met.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

KEPT: Final = 100_000
"""Words whose runs are kept (a word of six letters takes about 300 bytes)."""
LONGEST: Final = 24
"""Letters of a word that is kept: longer ones, such as lines of Chinese, hardly come again."""


class WordRuns:
    """What a fitted vectorizer's `transform` returns, bit by bit the same.

    Args:
        vectorizer: a fitted `TfidfVectorizer` of `analyzer="char_wb"` with its other steps as they
            are by default (lower case, no accents stripped).
    """

    def __init__(self, vectorizer: Any) -> None:
        self._vectorizer = vectorizer
        self._shortest, self._longest = vectorizer.ngram_range
        self._number: dict[str, int] = vectorizer.vocabulary_
        self._known: dict[str, NDArray[np.int32]] = {}

    def transform(self, texts: Sequence[str]) -> Any:
        """Return the sparse matrix (texts, runs) of TF-IDF, rows of length 1."""
        from scipy.sparse import csr_matrix

        runs: list[NDArray[np.int32]] = [np.zeros(0, np.int32)]
        ends = [0]
        for text in texts:
            its = [self._of(word) for word in text.lower().split()]
            runs.extend(its)
            ends.append(ends[-1] + sum(map(len, its)))
        once = np.ones(ends[-1], self._vectorizer.dtype)
        shape = (len(texts), len(self._number))
        matrix = csr_matrix((once, np.concatenate(runs), ends), shape=shape)
        matrix.sum_duplicates()
        return self._vectorizer._tfidf.transform(matrix, copy=False)

    def _of(self, word: str) -> NDArray[np.int32]:
        """Return the numbers of a word's runs, in any order, as often as they stand in it."""
        known = self._known.get(word)
        if known is not None:
            return known
        spaced, get = f" {word} ", self._number.get
        size = len(spaced)
        found: list[int] = []
        for length in range(self._shortest, self._longest + 1):
            # A word shorter than a run is one run, and only once.
            for start in range(max(1, size - length + 1)):
                number = get(spaced[start : start + length])
                if number is not None:
                    found.append(number)
            if length >= size:
                break
        runs = np.array(found, np.int32)
        if len(word) <= LONGEST and len(self._known) < KEPT:
            self._known[word] = runs
        return runs
