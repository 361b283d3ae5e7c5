"""Examples as the numbers that a model is fitted to (scikit-learn, in the fitting process only)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from goldleaf.backend.training.feature_lookup import SEPARATOR
from goldleaf.backend.training.ngrams import ngrams_of
from goldleaf.backend.training.task_features import verdicts
from goldleaf.backend.training.training_examples import Example

MAX_FEATURES = 30_000
"""N-grams of one field, the most frequent ones."""
FEWEST_ROWS = 2
"""Rows in which an n-gram or a verdict must occur."""
OTHER_FIELDS = 0.3
"""Weight of the fields that a question is not about, beside 1 for the one it is: a prompt may hint
at what its answer did, but must not drown the answer's own words."""
VERDICTS = 0.4
"""Weight of a verdict, beside 1 for the length of a field's n-grams. Of XSTest's replies 0.894 were
told at 200 labels with 0.2, 0.891 with 0.4 and 0.889 with 0.6, before `REPLIES`; but with 0.2 what
a generator that was not learned from refuses in a sentence of its own is taken for an answer: F1
0.78 instead of 0.86."""
REPLIES = 1.7
"""Weight of all features where a generator wrote what the question is about: of such texts a model
may be surer. It is as if `held_out.STRENGTH` were 30. Without, XSTest's replies are told by 0.003
less at 50 labels and by 0.001 less at 200; with it, English questions by 0.015 less at 50."""
PROMPT = "prompt"
"""The field in which every kind has the prompt: no generator wrote it."""


@dataclass(frozen=True)
class FeatureMatrix:
    """All examples of a project as numbers.

    Attributes:
        columns: what each n-gram's column is called, `field<tab>n-gram`, field by field.
        idf: (n-grams,) inverse document frequencies.
        verdicts: (field, verdict) of the columns after those of the n-grams.
        matrix: sparse (examples, columns); of each field's n-grams the length is 1 (or 0).
    """

    columns: tuple[str, ...]
    idf: NDArray[np.float32]
    verdicts: tuple[tuple[str, str], ...]
    matrix: Any

    def scale(self, main: str) -> NDArray[np.float64]:
        """Return (columns,) weights for a question about one field; "" for about all of them."""
        fields = [name.rpartition(SEPARATOR)[0] for name in self.columns]
        fields += [field for field, _ in self.verdicts]
        known = main in fields
        weights = [1.0 if field == main or not known else OTHER_FIELDS for field in fields]
        scale = np.array(weights, np.float64)
        scale[len(self.columns) :] *= VERDICTS
        return scale if main == PROMPT else scale * REPLIES


def feature_matrix(rows: Sequence[Example]) -> FeatureMatrix:
    """Return the matrix of some examples, in their order."""
    from scipy.sparse import csr_matrix, hstack
    from sklearn.feature_extraction.text import TfidfVectorizer

    columns: list[str] = []
    idf: list[Any] = [np.zeros(0, np.float32)]
    blocks: list[Any] = []
    found: list[tuple[str, str]] = []
    marks: list[NDArray[np.float64]] = []
    for field in sorted({name for row in rows for name in row.texts}):
        texts = [row.texts.get(field, "") for row in rows]
        ngrams = [ngrams_of(text) for text in texts]
        if any(count >= FEWEST_ROWS for count in _rows_with(ngrams).values()):
            vectorizer = TfidfVectorizer(
                analyzer=cast("Any", _as_is),
                sublinear_tf=True,
                min_df=FEWEST_ROWS,
                max_features=MAX_FEATURES,
            )
            blocks.append(vectorizer.fit_transform(cast("Any", ngrams)))
            columns += [f"{field}{SEPARATOR}{each}" for each in vectorizer.get_feature_names_out()]
            idf.append(vectorizer.idf_.astype(np.float32))
        said = [frozenset(verdicts(text)) for text in texts]
        counts = _rows_with(said)
        for verdict, count in sorted(counts.items()):
            if FEWEST_ROWS <= count < len(rows):
                found.append((field, verdict))
                marks.append(np.array([verdict in each for each in said], np.float64))
    beside = csr_matrix(np.stack(marks, axis=1) if marks else np.zeros((len(rows), 0)))
    return FeatureMatrix(
        tuple(columns), np.concatenate(idf), tuple(found), hstack([*blocks, beside]).tocsr()
    )


def _rows_with(rows: Sequence[Iterable[str]]) -> Counter[str]:
    """Return how many rows hold each feature."""
    return Counter(feature for row in rows for feature in set(row))


def _as_is(ngrams: list[str]) -> list[str]:
    return ngrams
