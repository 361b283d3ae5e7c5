"""From examples to a model: TF-IDF of short character runs and logistic regression (scikit-learn).

Chosen because refusing, complying and most labels of style are a matter of wording: on 1,080
replies judged by people it names refusals as well from 200 labels as a large model's prompt does.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, cast

import numpy as np

from goldleaf.backend.training.classifier_model import Head, Model
from goldleaf.backend.training.ngrams import ngrams
from goldleaf.backend.training.thresholds import TARGET, fewest_examples, lowest_confidence
from goldleaf.backend.training.training_examples import Example, fingerprint

MAX_FEATURES = 30_000
FOLDS = 5
STRENGTH = 10.0
"""Inverse regularisation of the logistic regression; not tuned."""


def worth_fitting(
    found: Sequence[Example], controls: Mapping[str, bool], target: float = TARGET
) -> list[tuple[str, str]]:
    """Return the questions with enough rows to be asked: (control, choice), sorted.

    A control of one choice is asked about as soon as two of its choices have `FOLDS` rows each:
    long before anything may be drafted, what the model is unsure of orders the queue. One choice of
    several is, once it has `fewest_examples(target)` rows and `FOLDS` rows have another answer.
    `choice` is "" for a control of one choice, which is one question with many answers.

    Args:
        found: the examples.
        controls: name -> takes several choices (`learnable`).
        target: share of right answers that a draft must have.
    """
    enough = fewest_examples(target)
    questions: list[tuple[str, str]] = []
    for control, multiple in sorted(controls.items()):
        counts = Counter(
            choice for example in found for choice in set(example.choices.get(control, ()))
        )
        if multiple:
            rows = len(found)
            questions += [
                (control, choice)
                for choice, count in sorted(counts.items())
                if count >= enough and rows - count >= FOLDS
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
    from sklearn.feature_extraction.text import TfidfVectorizer

    rows = sorted(found, key=lambda example: example.key)
    questions = worth_fitting(rows, controls, target)
    mark = fingerprint(rows)
    if not questions:
        return Model(kind, mark, len(rows), {}, np.zeros(0, np.float32), ())
    vectorizer = TfidfVectorizer(
        analyzer=cast("Any", _repeated), sublinear_tf=True, min_df=2, max_features=MAX_FEATURES
    )
    matrix = vectorizer.fit_transform([example.texts for example in rows])
    columns = sorted(vectorizer.vocabulary_, key=lambda gram: vectorizer.vocabulary_[gram])
    heads: list[Head] = []
    for control, choice in questions:
        head = _head(rows, matrix, control, choice, target)
        if head:
            heads.append(head)
    return Model(
        kind,
        mark,
        len(rows),
        {gram: place for place, gram in enumerate(columns)},
        vectorizer.idf_.astype(np.float32),
        tuple(heads),
    )


def _repeated(texts: Mapping[str, str]) -> list[str]:
    return list(ngrams(texts).elements())


def _head(
    rows: Sequence[Example], matrix: Any, control: str, choice: str, target: float
) -> Head | None:
    """Fit one question, and judge it on folds that never share a prompt with their training."""
    from sklearn.linear_model import LogisticRegression

    if choice:
        places = list(range(len(rows)))
        labels = [choice if choice in row.choices.get(control, ()) else "" for row in rows]
    else:
        places = [place for place, row in enumerate(rows) if len(row.choices.get(control, ())) == 1]
        counts = Counter(rows[place].choices[control][0] for place in places)
        rare = {label for label, count in counts.items() if count < FOLDS}
        if sum(counts[label] for label in rare) < FOLDS:
            places = [place for place in places if rows[place].choices[control][0] not in rare]
        given = [rows[place].choices[control][0] for place in places]
        labels = ["" if label in rare else label for label in given]
    matrix, groups = matrix[places], np.array([rows[place].group for place in places])
    if len(set(labels)) < 2 or len(set(groups)) < FOLDS:
        return None

    def fresh() -> Any:
        return LogisticRegression(C=STRENGTH, max_iter=2_000)

    y = np.array(labels)
    outcomes = _unseen(fresh, matrix, y, groups)
    witness = [control not in rows[place].drafted for place in places]
    floors: dict[str, float] = {}
    figures: dict[str, Any] = {}
    for label in sorted(set(labels) - {""}):
        judged = [
            (confidence, predicted == true)
            for (predicted, confidence), true, blind in zip(outcomes, labels, witness, strict=True)
            if predicted == label and blind
        ]
        found = lowest_confidence(judged, target)
        figures[label] = {"rows": labels.count(label), "judged": len(judged)}
        if found:
            floors[label], right, of = found
            figures[label] |= {"right": right, "of": of}
    model = fresh().fit(matrix, y)
    weights, intercepts = model.coef_, model.intercept_
    if len(model.classes_) == 2:  # one row speaks for both: the first class is the reference
        weights = np.vstack([np.zeros_like(weights), weights])
        intercepts = np.array([0.0, float(intercepts[0])])
    return Head(
        control,
        bool(choice),
        tuple(str(label) for label in model.classes_),
        weights.astype(np.float32),
        intercepts.astype(np.float32),
        floors,
        figures,
    )


def _unseen(fresh: Any, matrix: Any, y: Any, groups: Any) -> list[tuple[str, float]]:
    """Return for each row what a model says that has not seen its prompt: (class, confidence)."""
    from sklearn.model_selection import StratifiedGroupKFold

    predictions: list[tuple[str, float]] = [("", 0.0)] * len(y)
    folds = StratifiedGroupKFold(FOLDS, shuffle=True, random_state=0)
    for train, test in folds.split(matrix, y, groups):
        if len(set(y[train])) < 2:
            continue
        model = fresh().fit(matrix[train], y[train])
        for place, chances in zip(test, model.predict_proba(matrix[test]), strict=True):
            best = int(chances.argmax())
            predictions[place] = (str(model.classes_[best]), float(chances[best]))
    return predictions
