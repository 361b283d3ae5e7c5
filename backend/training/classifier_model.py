"""A learned model: what it is asked about a task, and how sure it is of each answer."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from goldleaf.backend.training.feature_lookup import SEPARATOR, Lookup
from goldleaf.backend.training.ngrams import texts_of
from goldleaf.backend.training.task_features import drafter_of, verdicts
from goldleaf.backend.training.thresholds import Calibration
from goldleaf.backend.training.vectors import encoder, main_text

ALARM_TASKS = 20
"""Tasks of a batch from which on it is compared with what was learned from."""
ALARM_ERRORS, ALARM_SPREADS = 4.0, 0.4
"""A batch is unlike what was learned from if its mean similarity differs from that of unseen rows
by so many standard errors and by so many standard deviations of a row. On XSTest four models' other
answers came to 0.1 deviations at most, a fifth's to 0.1, 0.3, 0.7, 0.8 and 1.1."""
_NEVER = 2.0
TOGETHER = 64
"""Tasks whose features are looked up at once: more would not spare more."""

Floats: TypeAlias = NDArray[np.float32]
Doubles: TypeAlias = NDArray[np.float64]


@dataclass(frozen=True)
class VectorWeights:
    """A head's second member, over the sentence vector of the text that it is about.

    Attributes:
        main: the field of that text, "" for all of them.
        weights: (classes, 512).
        intercepts: (classes,).
    """

    main: str
    weights: Floats
    intercepts: Floats


@dataclass(frozen=True)
class Similarity:
    """How like the rows of a class other rows of it were, when unseen.

    Attributes:
        centroids: (classes, n-grams) mean row of each class; a row's similarity is its product with
            that of its likeliest class.
        mean: of unseen rows.
        deviation: their standard deviation.
    """

    centroids: Floats
    mean: float
    deviation: float

    def alarms(self, found: Sequence[float]) -> bool:
        """Return whether a batch is unlike what was learned from, by its similarities."""
        if len(found) < ALARM_TASKS:
            return False
        shift = abs(sum(found) / len(found) - self.mean)
        errors = ALARM_ERRORS / math.sqrt(len(found))
        return shift > self.deviation * max(errors, ALARM_SPREADS)


@dataclass(frozen=True)
class Head:
    """One question that the model answers.

    Attributes:
        control: the control that the answer belongs to.
        multiple: the control takes several choices; this head is about one of them.
        classes: the labels to choose from; "" is "none of the others" and never drafted.
        weights: (classes, n-grams and verdicts).
        intercepts: (classes,).
        vectors: the second member, None where sentence vectors do not help.
        floors: from which confidence on (before calibration) a class may be drafted; a class that
            is missing, never.
        floors_elsewhere: the same for answers of generators that it has not learned from, and for
            a batch that is unlike what it has learned from.
        generators: whose answers it has learned from, "" for unknown ones; None where the question
            is about what no generator wrote.
        calibration: from the model's confidence to the share that is right.
        similarity: what a batch is compared with.
        figures: how it did on rows it had not seen, by class, for people to read.
    """

    control: str
    multiple: bool
    classes: tuple[str, ...]
    weights: Floats
    intercepts: Floats
    vectors: VectorWeights | None
    floors: Mapping[str, float]
    floors_elsewhere: Mapping[str, float]
    generators: tuple[str, ...] | None
    calibration: Calibration
    similarity: Similarity
    figures: Mapping[str, Any]

    def floors_for(self, generator: str) -> Mapping[str, float]:
        """Return the floors for texts of a generator, "" for an unknown one."""
        known = self.generators is None or generator in self.generators
        return self.floors if known else self.floors_elsewhere


@dataclass(frozen=True)
class ChoicePrediction:
    """What the model says to one question about one task.

    Attributes:
        head: the question.
        choice: the likeliest of the head's classes, which may be "" ("none of the others").
        confidence: the share of such answers that are right, 0 to 1: the probability, calibrated.
        draftable: whether that is enough to show it, by its accuracy on unseen rows. A choice
            without a proven confidence, "" too, never is.
        similarity: likeness to the rows of that class.
        margin: by how much it is likelier than the next one, 0 to 1, before calibration.
        elsewhere: `draftable` if its text were of a generator that was not learned from.
    """

    head: Head
    choice: str
    confidence: float
    draftable: bool
    similarity: float
    margin: float
    elsewhere: bool


@dataclass(frozen=True)
class Model:
    """What was learned from one project.

    Attributes:
        kind: id of the kind it was learned for, `refusal/1`.
        examples: hash of the examples it was learned from.
        count: how many they were.
        vocabulary: n-gram of words -> column, field by field: `field<tab>n-gram`.
        idf: (n-grams,) inverse document frequencies.
        verdicts: (field, verdict) of the columns after those of the n-grams.
        heads: its questions; none where too little was annotated.
    """

    kind: str
    examples: str
    count: int
    vocabulary: Mapping[str, int]
    idf: Floats
    verdicts: tuple[tuple[str, str], ...]
    heads: tuple[Head, ...]

    @cached_property
    def _lookup(self) -> Lookup:
        return Lookup(self.vocabulary)

    @cached_property
    def _fields(self) -> NDArray[np.int64]:
        """Return (n-grams,) which field each belongs to."""
        names = [ngram.rpartition(SEPARATOR)[0] for ngram in self.vocabulary]
        places = {name: place for place, name in enumerate(dict.fromkeys(names))}
        return np.array([places[name] for name in names], np.int64)

    @cached_property
    def _field_count(self) -> int:
        return 1 + int(self._fields.max(initial=0))

    @cached_property
    def _verdicts(self) -> Mapping[str, tuple[Mapping[str, int], frozenset[str]]]:
        """Return field -> (verdict -> column), and the families of these verdicts."""
        found: dict[str, dict[str, int]] = {}
        for place, (field, verdict) in enumerate(self.verdicts, len(self.vocabulary)):
            found.setdefault(field, {})[verdict] = place
        return {
            field: (known, frozenset(verdict.partition("=")[0] for verdict in known))
            for field, known in found.items()
        }

    @cached_property
    def _weights(self) -> Doubles:
        """Return (columns, classes of all heads, then their centroids): adjacent rows a task."""
        padding = np.zeros((1, len(self.verdicts)))
        rows = [head.weights for head in self.heads]
        rows += [
            np.hstack([head.similarity.centroids, padding.repeat(len(head.classes), axis=0)])
            for head in self.heads
        ]
        return np.vstack(rows).T.astype(np.float64, order="C")

    @cached_property
    def _intercepts(self) -> Doubles:
        whole = np.concatenate([head.intercepts for head in self.heads]).astype(np.float64)
        return np.concatenate([whole, np.zeros_like(whole)])

    def ask(self, data: Mapping[str, Any]) -> list[ChoicePrediction]:
        """Return the likeliest answer to each question about the task `data`, in `heads`' order.

        An empty list for a model without heads. A `choice` counts only where it is `draftable`.
        """
        return self.ask_each([data])[0]

    def ask_each(self, tasks: Sequence[Mapping[str, Any]]) -> list[list[ChoicePrediction]]:
        """Return what `ask` says of each task; whatever stands beside it makes no odds."""
        if not self.heads:
            return [[] for _ in tasks]
        return [
            answered
            for start in range(0, len(tasks), TOGETHER)
            for answered in self._answers(tasks[start : start + TOGETHER])
        ]

    def ask_all(self, tasks: Sequence[Mapping[str, Any]]) -> list[list[ChoicePrediction]]:
        """Return what `ask` says of each task of a batch, the gate closed where it is unlike.

        Where the tasks differ on the whole from what a head has learned from (`Similarity`), only
        what it has proved elsewhere may be drafted.
        """
        asked = self.ask_each(tasks)
        for place, head in enumerate(self.heads):
            if head.similarity.alarms([each[place].similarity for each in asked]):
                for each in asked:
                    each[place] = replace(each[place], draftable=each[place].elsewhere)
        return asked

    def _answers(self, tasks: Sequence[Mapping[str, Any]]) -> list[list[ChoicePrediction]]:
        texts = [texts_of(data) for data in tasks]
        columns, weight, ends = self._features(texts)
        raised = np.zeros((len(tasks), self._weights.shape[1]))
        start = 0
        for place, end in enumerate(ends):
            # No BLAS, and a sum for each task: it must depend neither on where in memory its
            # numbers lie nor on the other tasks.
            rows = self._weights.take(columns[start:end], axis=0)
            np.einsum("i,ij", weight[start:end], rows, out=raised[place])
            start = end
        found: list[list[ChoicePrediction]] = []
        for data, mine, left in zip(
            tasks, texts, (raised + self._intercepts).tolist(), strict=True
        ):
            odds, alike, generator = left, left[len(left) // 2 :], drafter_of(data)
            predictions: list[ChoicePrediction] = []
            for head in self.heads:
                count = len(head.classes)
                predictions.append(_prediction(head, odds[:count], alike[:count], mine, generator))
                odds, alike = odds[count:], alike[count:]
            found.append(predictions)
        return found

    def _features(
        self, tasks: Sequence[Mapping[str, str]]
    ) -> tuple[NDArray[np.int64], Doubles, list[int]]:
        """Return the columns that the tasks have, the value of each, and where each task ends."""
        places, columns, counts = self._lookup.features_of(tasks)
        weight = (1.0 + np.log(counts)) * self.idf.take(columns)
        fields = self._fields.take(columns)
        fields += places * self._field_count
        lengths = np.sqrt(np.bincount(fields, weight * weight))
        weight /= lengths.take(fields)
        found = np.bincount(places, minlength=len(tasks)).cumsum().tolist()
        parts: list[tuple[NDArray[np.int64], Doubles]] = []
        ends: list[int] = []
        start = end = 0
        for texts, stop in zip(tasks, found, strict=True):
            parts.append((columns[start:stop], weight[start:stop]))
            said = [
                known[verdict]
                for field, (known, families) in self._verdicts.items()
                for verdict in verdicts(texts.get(field, ""), families)
                if verdict in known
            ]
            if said:
                parts.append((np.array(said, np.int64), np.ones(len(said))))
            end += stop - start + len(said)
            ends.append(end)
            start = stop
        return (
            np.concatenate([part for part, _ in parts]),
            np.concatenate([part for _, part in parts]),
            ends,
        )


def _prediction(
    head: Head,
    odds: Sequence[float],
    likeness: Sequence[float],
    texts: Mapping[str, str],
    generator: str,
) -> ChoicePrediction:
    """Return what a head says of a task: the mean of its members' probabilities, calibrated."""
    chances, whole = _softmax(odds), True
    if head.vectors:
        known = encoder()
        whole = known is not None  # taken out since: the other member alone has proved nothing
        if known:
            vector = known.embed([main_text(texts, head.vectors.main)])[0]
            raised = np.einsum("i,ji", vector, head.vectors.weights) + head.vectors.intercepts
            others = _softmax([float(each) for each in raised])
            chances = [(one + other) / 2 for one, other in zip(chances, others, strict=True)]
    *_, second, sure = sorted(chances)
    best = chances.index(sure)
    choice = head.classes[best]
    return ChoicePrediction(
        head,
        choice,
        head.calibration.share_right(sure),
        whole and sure >= head.floors_for(generator).get(choice, _NEVER),
        likeness[best],
        sure - second,
        whole and sure >= head.floors_elsewhere.get(choice, _NEVER),
    )


def _softmax(odds: Sequence[float]) -> list[float]:
    best = max(odds)
    raised = [math.exp(each - best) for each in odds]
    whole = sum(raised)
    return [each / whole for each in raised]
