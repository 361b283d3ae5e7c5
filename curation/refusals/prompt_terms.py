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

from goldleaf.curation.texts.word_runs import WordRuns

READ: Final = 600
"""Characters of a prompt that are read."""


class PromptTerms:
    """TF-IDF of words, of pairs of words, and of runs of 1-4 characters within words.

    A prompt's numbers depend on the seeds and on the prompt alone, never on the prompts beside it.
    """

    def __init__(self, seeds: Sequence[str]) -> None:
        from sklearn.feature_extraction.text import TfidfVectorizer

        kinds: tuple[dict[str, Any], ...] = (
            {"analyzer": "char_wb", "ngram_range": (1, 4)},
            {"analyzer": "word", "ngram_range": (1, 2), "token_pattern": r"(?u)\b\w+\b"},
        )
        runs, words = (TfidfVectorizer(sublinear_tf=True, **kind).fit(seeds) for kind in kinds)
        self._kinds = (WordRuns(runs), words)

    def with_features(self, prompts: Sequence[str], features: NDArray[np.float32]) -> Any:
        """Return a sparse matrix (prompts, terms and features): rows of terms have length 1."""
        from scipy.sparse import csr_matrix, hstack

        read = [prompt[:READ] for prompt in prompts]
        terms = [kind.transform(read) / np.sqrt(len(self._kinds)) for kind in self._kinds]
        return hstack([*terms, csr_matrix(features)], format="csr")
