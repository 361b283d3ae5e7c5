"""Prompts as weighted words and runs of characters, for where the sentence encoder is missing.

Nothing is reduced: beside the few seeds there are, an SVD loses the rare words that tell harm
(measured on HarmBench's 200 plain requests, none of which is a seed, at equally many refusals of
XSTest's harmless prompts: .82 found with it, .90 without).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from goldleaf.curation.refusals.word_kinds import with_kinds
from goldleaf.curation.texts.word_runs import WordRuns

READ: Final = 600
"""Characters of a prompt that are read."""
_HAN = "\u3400-\u9fff"


class PromptTerms:
    """TF-IDF of words and pairs, of runs of 1-4 characters within words, and of kinds of words.

    The kinds (`with_kinds`) let a seed speak for persons, games or crimes that no seed names. A
    prompt's numbers depend on the seeds and on the prompt alone, never on the prompts beside it.
    """

    def __init__(self, seeds: Sequence[str]) -> None:
        from sklearn.feature_extraction.text import TfidfVectorizer

        words: dict[str, Any] = {"analyzer": "word", "ngram_range": (1, 2), "sublinear_tf": True}
        # With kinds a Chinese character is a word, since kinds stand in the midst of its runs.
        kinds = {"lowercase": False, "token_pattern": rf"[{_HAN}]|[^\W{_HAN}]+"}
        runs = {"analyzer": "char_wb", "ngram_range": (1, 4), "sublinear_tf": True}
        self._runs = WordRuns(TfidfVectorizer(**runs).fit(seeds))
        self._words = TfidfVectorizer(**words, token_pattern=r"(?u)\b\w+\b").fit(seeds)
        self._kinds = TfidfVectorizer(**words, **kinds).fit(map(with_kinds, seeds))

    def with_features(self, prompts: Sequence[str], features: NDArray[np.float32]) -> Any:
        """Return a sparse matrix (prompts, terms and features): rows of terms have length 1."""
        from scipy.sparse import csr_matrix, hstack

        read = [prompt[:READ] for prompt in prompts]
        terms = (
            self._runs.transform(read),
            self._words.transform(read),
            self._kinds.transform(map(with_kinds, read)),
        )
        weighted = [each / np.sqrt(len(terms)) for each in terms]
        return hstack([*weighted, csr_matrix(features)], format="csr")
