"""The product's classifier, fitted many times to parts of one table, without held-out folds.

A queue needs only the probabilities; the folds, which set what may be drafted, are nine tenths of a
fit. What does not depend on the labels (words, verdicts, sentence vectors) is counted
once, and a fit to n labels is solved in n dimensions, where it has the same solution. The labels
that are asked about, the features and the regressions are the product's own.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from goldleaf.backend.training import fit_model, held_out
from goldleaf.backend.training.feature_matrix import (
    FEWEST_ROWS,
    MAX_FEATURES,
    OTHER_FIELDS,
    PROMPT,
    REPLIES,
    VERDICTS,
)
from goldleaf.backend.training.ngrams import ngrams_of
from goldleaf.backend.training.task_features import main_field, verdicts
from goldleaf.backend.training.training_examples import Example
from goldleaf.backend.training.vectors import encoder, main_text

Doubles = NDArray[np.float64]


@dataclass(frozen=True)
class Fit:
    """What a fit says of every row of the table.

    Attributes:
        classes: the labels to choose from; none before a model is asked anything.
        chances: (rows, classes) probabilities, "" ("none of the others") among the classes.
    """

    classes: tuple[str, ...] = ()
    chances: Doubles = field(default_factory=lambda: np.zeros((0, 0)))

    @property
    def margins(self) -> Doubles:
        """Return (rows,) by how much the likeliest class is likelier than the next."""
        ranked = np.sort(self.chances, axis=1)
        return ranked[:, -1] - ranked[:, -2]


@dataclass(frozen=True)
class _Ngrams:
    """The n-grams of a field: how often each row has each, 1 + log of it, its square."""

    counts: Any
    logs: Any
    squares: Any
    weight: float


class Table:
    """Examples whose features are counted once; `fit` learns from some of them.

    Args:
        rows: all examples, each with its label of the control.
        control: the control that is asked about, of one choice.
        kind: id of the kind.
    """

    def __init__(self, rows: Sequence[Example], control: str, kind: str) -> None:
        from sklearn.feature_extraction.text import CountVectorizer

        self._rows, self._control, self._main = rows, control, main_field(kind, control)
        fields = sorted({name for row in rows for name in row.texts})
        self._ngrams: list[_Ngrams] = []
        self._verdicts: list[tuple[Doubles, float]] = []
        for name in fields:
            weight = 1.0 if name == self._main or self._main not in fields else OTHER_FIELDS
            weight *= 1.0 if self._main == PROMPT else REPLIES
            texts = [row.texts.get(name, "") for row in rows]
            if any(texts):
                counted: Any = CountVectorizer(
                    analyzer=cast("Any", ngrams_of), min_df=FEWEST_ROWS
                ).fit_transform(texts)
                logs = counted.astype(np.float64)
                logs.data = 1.0 + np.log(logs.data)
                self._ngrams.append(_Ngrams(counted, logs, logs.multiply(logs).tocsr(), weight))
            said = [frozenset(verdicts(text)) for text in texts]
            known = sorted({verdict for each in said for verdict in each})
            marks = np.array([[verdict in each for verdict in known] for each in said], float)
            self._verdicts.append((marks, weight * VERDICTS))
        texts = [main_text(row.texts, self._main) for row in rows]
        self._lengths = np.array([len(text) for text in texts])
        short = self._lengths.mean() <= 2 * fit_model.SHORT
        known_vectors = encoder() if short else None
        self._vectors = known_vectors.embed(texts) if known_vectors else None

    def fit(self, places: Sequence[int]) -> Fit:
        """Return what the product's model of the rows at some places says of all rows."""
        mine = [self._rows[place] for place in places]
        if not fit_model.worth_fitting(mine, {self._control: False}):
            return Fit()
        question = fit_model._question(mine, self._control, "", self._main)
        if question is None:
            return Fit()
        all_places = np.array(places)
        asked, y = all_places[question.places], np.array(question.labels)
        kernel, project = self._kernel(all_places, asked)
        values, turn = np.linalg.eigh(kernel)
        kept = values > values[-1] * 1e-12
        roots = np.sqrt(values[kept])
        rotated = turn[:, kept] * roots
        model = held_out.regression(rotated, y)
        classes = tuple(str(label) for label in model.classes_)
        along = turn[:, kept] / roots @ model.coef_.T
        chances = _softmax(project(along) + model.intercept_)
        if self._vectors is not None and self._lengths[asked].mean() <= fit_model.SHORT:
            vectors = self._vectors[asked]
            if _vectors_help(rotated, vectors, y, [row.group for row in question.rows]):
                other = held_out.vector_regression(vectors, y)
                chances = (chances + other.predict_proba(self._vectors)) / 2
        return Fit(classes, chances)

    def _kernel(self, places: NDArray[Any], asked: NDArray[Any]) -> tuple[Doubles, Any]:
        """Return the products of the rows that are asked about, and a way from weights to scores.

        Which features count, and how much, is decided by the rows at `places`, as in the product.
        """
        kernel = np.zeros((len(asked), len(asked)))
        parts: list[tuple[Any, Doubles]] = []
        for ngrams in self._ngrams:
            here = ngrams.counts[places]
            rows = np.bincount(here.indices, minlength=here.shape[1])
            columns = np.flatnonzero(rows >= FEWEST_ROWS)
            if len(columns) > MAX_FEATURES:
                often = np.bincount(here.indices, here.data, here.shape[1])[columns]
                columns = columns[np.argsort(-often)[:MAX_FEATURES]]
            if not len(columns):
                continue
            idf = np.zeros(here.shape[1])
            idf[columns] = np.log((1 + len(places)) / (1 + rows[columns])) + 1.0
            squares = ngrams.squares @ (idf * idf)
            norms = ngrams.weight / np.sqrt(np.maximum(squares, 1e-300))
            norms[squares == 0] = 0.0
            dense = ngrams.logs[asked][:, columns].toarray() * idf[columns] * norms[asked, None]
            kernel += dense @ dense.T
            parts.append(((ngrams.logs, idf, norms, columns), dense))
        for marks, weight in self._verdicts:
            counts = marks[places].sum(axis=0)
            columns = np.flatnonzero((counts >= FEWEST_ROWS) & (counts < len(places)))
            dense = marks[asked][:, columns] * weight
            kernel += dense @ dense.T
            parts.append((marks[:, columns] * weight, dense))

        def project(along: Doubles) -> Doubles:
            scores = np.zeros((len(self._rows), along.shape[1]))
            for all_rows, dense in parts:
                weights = dense.T @ along
                if isinstance(all_rows, tuple):
                    logs, idf, norms, columns = all_rows
                    whole = np.zeros((len(idf), along.shape[1]))
                    whole[columns] = weights * idf[columns, None]
                    scores += (logs @ whole) * norms[:, None]
                else:
                    scores += all_rows @ weights
            return scores

        return kernel, project


def _vectors_help(matrix: Doubles, vectors: Any, y: NDArray[Any], groups: Sequence[str]) -> bool:
    """Return whether sentence vectors make unseen rows clearly likelier, as `fit_model` decides.

    Both members are fitted once a fold here, there the first one twice; and rare words of the rows
    that are judged are left in (`held_out._as_new`).
    """
    from sklearn.model_selection import StratifiedGroupKFold

    warnings.filterwarnings("ignore", "The least populated class", UserWarning)
    folds = StratifiedGroupKFold(held_out.FOLDS, shuffle=True, random_state=0)
    classes = sorted(set(y))
    one = np.full((len(y), len(classes)), np.nan)
    both = one.copy()
    for train, test in folds.split(matrix, y, np.array(groups)):
        if len(set(y[train])) < 2 or not len(test):
            continue
        one[test] = both[test] = 0.0
        first = held_out.regression(matrix[train], y[train])
        second = held_out.vector_regression(vectors[train], y[train])
        places = [classes.index(label) for label in first.classes_]
        one[test[:, None], places] = first.predict_proba(matrix[test])
        both[test[:, None], places] = second.predict_proba(vectors[test])
    losses = [held_out.log_loss(each, classes, y) for each in (one, (one + both) / 2)]
    return losses[1] <= fit_model.CLEARLY * losses[0]


def _softmax(odds: Doubles) -> Doubles:
    if odds.shape[1] == 1:  # two classes: one row speaks for both
        odds = np.hstack([np.zeros_like(odds), odds])
    raised = np.exp(odds - odds.max(axis=1, keepdims=True))
    return raised / raised.sum(axis=1, keepdims=True)
