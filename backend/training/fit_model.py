"""From examples to a model: words, verdicts of detectors, logistic regression.

Chosen because refusing, complying and most labels of style are a matter of wording; what detectors
know already need not be learned from labels. Words and pairs of them tell more than runs of one to
three characters did, in English, and as much in Chinese, where each character is a word. Where the
extra `embed` is installed and a question is about short texts, sentence vectors are averaged in if
they make unseen rows clearly likelier.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from goldleaf.backend.training.classifier_model import Head, Model, Similarity, VectorWeights
from goldleaf.backend.training.feature_matrix import PROMPT, FeatureMatrix, feature_matrix
from goldleaf.backend.training.held_out import (
    FOLDS,
    HeldOut,
    by_generator,
    by_prompt,
    class_means,
    log_loss,
    regression,
    vector_regression,
)
from goldleaf.backend.training.task_features import main_field
from goldleaf.backend.training.thresholds import (
    TARGET,
    Outcome,
    calibrate,
    count_right,
    thresholds,
    thresholds_elsewhere,
)
from goldleaf.backend.training.training_examples import Example, fingerprint
from goldleaf.backend.training.vectors import encoder, main_text

FEWEST_OF_SEVERAL = 10
"""Rows with a choice of which several may be made, and with another answer: each such choice is a
question of its own, and takes its own fits."""
FEWEST_LEARNED = 2
"""Rows from which on a label is told from others; before, it is one of "none of the others". So few
can order a queue, and prove nothing: `thresholds` asks for more before one is drafted."""
SHORT = 300
"""Characters up to which texts may be embedded, on average: 1 ms a question; an answer takes 10 ms,
forty times what all else takes, and gains little from it."""
CLEARLY = 0.97
"""Share of the log loss that sentence vectors must bring it down to. On four sets of questions, 36
draws at 50 and 200 labels, they came to 0.71 to 1.02, and more questions were told with them in
each; with 0.92 a third of these draws went without."""


def worth_fitting(
    found: Sequence[Example], controls: Mapping[str, bool], target: float = TARGET
) -> list[tuple[str, str]]:
    """Return the questions with enough rows to be asked: (control, choice), sorted.

    A control of one choice is asked about as soon as two of its choices have `FOLDS` rows each:
    before anything may be drafted, what the model is unsure of orders the queue. One choice of
    several is, once `FEWEST_OF_SEVERAL` rows have it and as many have not.
    `choice` is "" for a control of one choice, which is one question with many answers.

    Args:
        found: the examples.
        controls: name -> takes several choices (`learnable`).
        target: share of right answers that a draft must have.
    """
    questions: list[tuple[str, str]] = []
    for control, multiple in sorted(controls.items()):
        counts = Counter(
            choice for example in found for choice in set(example.choices.get(control, ()))
        )
        if multiple:
            most = len(found) - FEWEST_OF_SEVERAL
            questions += [
                (control, choice)
                for choice, count in sorted(counts.items())
                if FEWEST_OF_SEVERAL <= count <= most
            ]
        elif sum(count >= FOLDS for count in counts.values()) > 1:
            questions.append((control, ""))
    return questions


def fit(
    found: Sequence[Example], controls: Mapping[str, bool], kind: str, target: float = TARGET
) -> Model:
    """Return the model of a project; the same examples in any order give the same model.

    Too few examples (`worth_fitting`) give a model without heads, which drafts nothing.

    Args:
        found: the examples.
        controls: name -> takes several choices.
        kind: id of the kind, `refusal/1`.
        target: share of right answers that a draft must have.
    """
    rows = sorted(found, key=lambda example: example.key)
    questions = worth_fitting(rows, controls, target)
    mark = fingerprint(rows)
    if not questions:
        return Model(kind, mark, len(rows), {}, np.zeros(0, np.float32), (), ())
    features = feature_matrix(rows)
    heads: list[Head] = []
    # Texts that share nothing, and of which no detector says anything, teach nothing.
    for control, choice in questions if features.matrix.shape[1] else ():
        question = _question(rows, control, choice, main_field(kind, control))
        if question:
            heads.append(_head(question, features, target))
    return Model(
        kind,
        mark,
        len(rows),
        {ngram: place for place, ngram in enumerate(features.columns)},
        features.idf,
        features.verdicts,
        tuple(heads),
    )


@dataclass(frozen=True)
class _Question:
    """One question with the rows that answer it; `places` are their places among all rows."""

    control: str
    multiple: bool
    main: str
    rows: Sequence[Example]
    places: Sequence[int]
    labels: Sequence[str]

    @property
    def generators(self) -> list[str]:
        return [row.drafter for row in self.rows]


def _question(rows: Sequence[Example], control: str, choice: str, main: str) -> _Question | None:
    """Return the rows of a question; None where they tell nothing apart."""
    if choice:
        places = list(range(len(rows)))
        labels = [choice if choice in row.choices.get(control, ()) else "" for row in rows]
    else:
        places = [place for place, row in enumerate(rows) if len(row.choices.get(control, ())) == 1]
        counts = Counter(rows[place].choices[control][0] for place in places)
        rare = {label for label, count in counts.items() if count < FEWEST_LEARNED}
        if len(rare) < FEWEST_LEARNED:
            places = [place for place in places if rows[place].choices[control][0] not in rare]
        given = [rows[place].choices[control][0] for place in places]
        labels = ["" if label in rare else label for label in given]
    mine = [rows[place] for place in places]
    if len(set(labels)) < 2 or len({row.group for row in mine}) < FOLDS:
        return None
    return _Question(control, bool(choice), main, mine, places, labels)


def _head(question: _Question, features: FeatureMatrix, target: float) -> Head:
    """Fit one question, and judge it on folds that never share a prompt with their training."""
    from scipy.sparse import diags

    scale, ngrams = features.scale(question.main), len(features.columns)
    matrix = (features.matrix[question.places] @ diags(scale)).tocsr()
    y = np.array(question.labels)
    groups = np.array([row.group for row in question.rows])
    classes = tuple(str(label) for label in sorted(set(question.labels)))
    members: list[Any] = [matrix]
    judged = by_prompt(members, ngrams, y, groups)
    vectors = _vectors(question)
    if vectors is not None:
        both = by_prompt([matrix, vectors], ngrams, y, groups)
        if log_loss(both.chances, classes, y) <= CLEARLY * log_loss(judged.chances, classes, y):
            members, judged = [matrix, vectors], both
    outcomes = _witnesses(question, judged, classes)
    line = calibrate(outcomes)
    floors = thresholds(outcomes, line, target)
    generators = tuple(sorted(set(question.generators)))
    elsewhere: dict[str, float] = {}
    if floors and len(generators) > 1 and question.main != PROMPT:
        away = by_generator(members, ngrams, y, groups, question.generators)
        elsewhere = thresholds_elsewhere(_witnesses(question, away, classes), target)
    weights, intercepts = _weights(regression(matrix, y))
    alike = judged.similarity[~np.isnan(judged.similarity)]
    return Head(
        control=question.control,
        multiple=question.multiple,
        classes=classes,
        weights=(weights * scale).astype(np.float32),
        intercepts=intercepts.astype(np.float32),
        vectors=_vector_weights(members, y, question.main),
        floors=floors,
        floors_elsewhere=elsewhere,
        generators=None if question.main == PROMPT else generators,
        calibration=line,
        similarity=Similarity(
            (class_means(matrix[:, :ngrams], y, classes) * scale[:ngrams]).astype(np.float32),
            float(alike.mean()) if len(alike) else 0.0,
            float(alike.std()) if len(alike) else 0.0,
        ),
        figures=_figures(question.labels, outcomes, floors, elsewhere),
    )


def _vectors(question: _Question) -> NDArray[np.float32] | None:
    texts = [main_text(row.texts, question.main) for row in question.rows]
    known = encoder()
    if known is None or sum(map(len, texts)) > SHORT * len(texts):
        return None
    return known.embed(texts)


def _vector_weights(members: Sequence[Any], y: NDArray[Any], main: str) -> VectorWeights | None:
    if len(members) < 2:
        return None
    weights, intercepts = _weights(vector_regression(members[1], y))
    return VectorWeights(main, weights.astype(np.float32), intercepts.astype(np.float32))


def _weights(model: Any) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    weights, intercepts = model.coef_, model.intercept_
    if len(model.classes_) == 2:  # one row speaks for both: the first class is the reference
        weights = np.vstack([np.zeros_like(weights), weights])
        intercepts = np.array([0.0, float(intercepts[0])])
    return weights, intercepts


def _witnesses(question: _Question, judged: HeldOut, classes: Sequence[str]) -> list[Outcome]:
    """Return what came of the rows that no draft had been shown for."""
    outcomes = judged.outcomes(classes, question.labels, question.generators)
    return [
        outcome
        for outcome, row in zip(outcomes, question.rows, strict=True)
        if outcome is not None and question.control not in row.drafted
    ]


def _figures(
    labels: Sequence[str],
    outcomes: Sequence[Outcome],
    floors: Mapping[str, float],
    elsewhere: Mapping[str, float],
) -> dict[str, Any]:
    """Return how each choice did on unseen rows, for people to read."""
    figures: dict[str, Any] = {}
    for label in sorted(set(labels) - {""}):
        mine = [each for each in outcomes if each.choice == label]
        right, of = count_right(mine, floors)
        figures[label] = {
            "rows": labels.count(label),
            "judged": len(mine),
            "right": right,
            "of": of,
        }
        if label in elsewhere:
            figures[label]["elsewhere"] = round(elsewhere[label], 4)
    return figures
