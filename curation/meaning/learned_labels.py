"""A user's own labels of questions (behaviours, topics, risks), learned from a few hundred.

Two logistic regressions are averaged: over runs of characters and over sentence vectors, both with
the words that ask for each mode and the lengths (`cognitive_modes`). Measured
(`benchmarks/behaviours.py`, 5 draws, split by prompt): Dolly's 8 classes at 800 labels accuracy
0.72, macro-F1 0.64; do-not-answer's 5 areas at 200 labels 0.88; BELLE's 10 at 200 labels 0.83.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from goldleaf.curation.meaning.cognitive_modes import answer_features, command, mode_features
from goldleaf.curation.meaning.embedder import Embedder, Vectors, embedder
from goldleaf.curation.texts.language import language

READ = 2_000
"""Characters of a question that are read."""
FEATURE_SCALE = 0.2
FEWEST_LABELS = 10


@dataclass(frozen=True, slots=True)
class LearnedLabels:
    """What `learn` returns; `labels` in the order of the columns of `probabilities`."""

    labels: tuple[str, ...]
    _encoder: Embedder
    _runs: Any
    _on_runs: Any
    _on_vectors: Any

    def probabilities(
        self, questions: Sequence[str], answers: Sequence[str] = ()
    ) -> NDArray[np.float64]:
        """Return (questions, labels), every row of sum 1."""
        if not len(questions):
            return np.zeros((0, len(self.labels)))
        features = _features(questions, answers)
        runs = _with(self._runs.transform([each[:READ].lower() for each in questions]), features)
        vectors = np.hstack([_vectors(self._encoder, questions), features])
        return (self._on_runs.predict_proba(runs) + self._on_vectors.predict_proba(vectors)) / 2

    def predict(
        self, questions: Sequence[str], answers: Sequence[str] = ()
    ) -> tuple[list[str], list[float]]:
        """Return the likeliest label of each question and its probability."""
        found = self.probabilities(questions, answers)
        best = found.argmax(axis=1) if len(found) else np.zeros(0, int)
        return [self.labels[each] for each in best], [
            round(float(row[each]), 4) for row, each in zip(found, best, strict=True)
        ]


def learn(
    questions: Sequence[str], labels: Sequence[str], answers: Sequence[str] = ()
) -> LearnedLabels:
    """Return a classifier of the labels.

    Args:
        questions: what was asked.
        labels: one a question, of two kinds at least.
        answers: what was answered, or nothing; then `predict` needs them, too.

    Raises:
        ValueError: fewer than ten labels, or all of them equal.
    """
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression

    if len(questions) < FEWEST_LABELS or len(set(labels)) < 2:
        raise ValueError("learning needs ten labels of two kinds at least")
    chinese = sum(language(each) == "zh" for each in questions) * 2 > len(questions)
    runs = TfidfVectorizer(
        analyzer="char" if chinese else "char_wb",
        ngram_range=(1, 4),
        sublinear_tf=True,
        min_df=2 if len(questions) >= 50 else 1,
        max_features=60_000,
    )
    features = _features(questions, answers)
    matrix = _with(runs.fit_transform([each[:READ].lower() for each in questions]), features)
    encoder = embedder(questions)
    vectors = np.hstack([_vectors(encoder, questions), features])
    on_runs = LogisticRegression(C=10, class_weight="balanced", max_iter=500).fit(matrix, labels)
    on_vectors = LogisticRegression(C=5, class_weight="balanced", max_iter=500).fit(vectors, labels)
    names = tuple(str(each) for each in on_runs.classes_)
    return LearnedLabels(names, encoder, runs, on_runs, on_vectors)


def _features(questions: Sequence[str], answers: Sequence[str]) -> NDArray[np.float32]:
    shown = answer_features(answers if len(answers) else [""] * len(questions))
    return FEATURE_SCALE * np.hstack([mode_features(questions), shown])


def _vectors(encoder: Embedder, questions: Sequence[str]) -> Vectors:
    whole = encoder.embed(questions)
    return np.hstack([whole, encoder.embed([command(each) for each in questions])])


def _with(matrix: Any, features: NDArray[np.float32]) -> Any:
    from scipy.sparse import csr_matrix, hstack

    return hstack([matrix, csr_matrix(features)]).tocsr()
