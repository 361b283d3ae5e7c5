"""Examples as the numbers that a model is fitted to (scikit-learn, in the fitting process only)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from goldleaf.backend.training.ngrams import LONGEST, plain
from goldleaf.backend.training.task_features import verdicts
from goldleaf.backend.training.training_examples import Example

MAX_FEATURES = 30_000
"""Character runs of one field, the most frequent ones."""
FEWEST_ROWS = 2
"""Rows in which a run or a verdict must occur."""
OTHER_FIELDS = 0.3
"""Weight of the fields that a question is not about, beside 1 for the one it is: a prompt may hint
at what its answer did, but must not drown the answer's own words."""
VERDICTS = 0.6
"""Weight of a verdict, beside 1 for the length of a field's runs. On refusals 0.3 to 0.7 do as
well, 1 does less from 200 labels on, 0 far less at 25 and 50; with 0.4 the one sentence in which an
unseen generator refused was taken for an answer."""


@dataclass(frozen=True)
class FeatureMatrix:
    """All examples of a project as numbers.

    Attributes:
        columns: what each character run's column is called, `field:run`, field by field.
        idf: (runs,) inverse document frequencies.
        verdicts: (field, verdict) of the columns after those of the runs.
        matrix: sparse (examples, columns); of each field's runs the length is 1 (or 0).
    """

    columns: tuple[str, ...]
    idf: NDArray[np.float32]
    verdicts: tuple[tuple[str, str], ...]
    matrix: Any

    def scale(self, main: str) -> NDArray[np.float64]:
        """Return (columns,) weights for a question about one field; "" for about all of them."""
        fields = [name.partition(":")[0] for name in self.columns]
        fields += [field for field, _ in self.verdicts]
        known = main in fields
        weights = [1.0 if field == main or not known else OTHER_FIELDS for field in fields]
        scale = np.array(weights, np.float64)
        scale[len(self.columns) :] *= VERDICTS
        return scale


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
        vectorizer = TfidfVectorizer(
            analyzer="char",
            ngram_range=(1, LONGEST),
            lowercase=False,
            sublinear_tf=True,
            min_df=FEWEST_ROWS,
            max_features=MAX_FEATURES,
        )
        folded = [plain(text) for text in texts]
        if sum(bool(text) for text in folded) >= FEWEST_ROWS and _share_a_run(folded):
            blocks.append(vectorizer.fit_transform(folded))
            columns += [f"{field}:{run}" for run in vectorizer.get_feature_names_out()]
            idf.append(vectorizer.idf_.astype(np.float32))
        said = [frozenset(verdicts(text)) for text in texts]
        counts = Counter(verdict for each in said for verdict in each)
        for verdict, count in sorted(counts.items()):
            if FEWEST_ROWS <= count < len(rows):
                found.append((field, verdict))
                marks.append(np.array([verdict in each for each in said], np.float64))
    beside = csr_matrix(np.stack(marks, axis=1) if marks else np.zeros((len(rows), 0)))
    return FeatureMatrix(
        tuple(columns), np.concatenate(idf), tuple(found), hstack([*blocks, beside]).tocsr()
    )


def _share_a_run(texts: Sequence[str]) -> bool:
    """Return whether any character occurs in `FEWEST_ROWS` texts; without one there is no run."""
    counts = Counter(char for text in texts for char in set(text))
    return any(count >= FEWEST_ROWS for count in counts.values())
