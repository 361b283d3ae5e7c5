"""A learned model: read with numpy alone, never by executing anything from the file."""

from __future__ import annotations

import hashlib
import io
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from goldleaf.backend.training.feature_lookup import Lookup
from goldleaf.backend.training.ngrams import texts_of
from goldleaf.core.errors import GoldleafError

FORMAT = 1
"""Raised when a file could be read wrongly, or would be learned differently."""

Floats: TypeAlias = NDArray[np.float32]
Doubles: TypeAlias = NDArray[np.float64]


@dataclass(frozen=True)
class Head:
    """One question that the model answers.

    Attributes:
        control: the control that the answer belongs to.
        multiple: the control takes several choices; this head is about one of them.
        classes: the labels to choose from; "" is "none of the others" and never drafted.
        weights: (classes, features).
        intercepts: (classes,).
        floors: from which confidence on a class may be drafted; a class that is missing, never.
        figures: how it did on rows it had not seen, by class, for people to read.
    """

    control: str
    multiple: bool
    classes: tuple[str, ...]
    weights: Floats
    intercepts: Floats
    floors: Mapping[str, float]
    figures: Mapping[str, Any]


@dataclass(frozen=True)
class ChoicePrediction:
    """What the model says to one question about one task.

    `choice` is the likeliest of the head's classes, which may be "" ("none of the others");
    `confidence` is its probability, 0 to 1.
    """

    head: Head
    choice: str
    confidence: float

    @property
    def draftable(self) -> bool:
        """Whether the choice is sure enough to be shown, by its accuracy on unseen rows.

        A choice without a proven confidence, "" too, never is.
        """
        return self.confidence >= self.head.floors.get(self.choice, 2.0)


@dataclass(frozen=True)
class Model:
    """What was learned from one project.

    Attributes:
        kind: id of the kind it was learned for, `refusal/1`.
        examples: hash of the examples it was learned from.
        count: how many they were.
        vocabulary: feature -> column.
        idf: (features,) inverse document frequencies.
        heads: its questions; none where too little was annotated.
    """

    kind: str
    examples: str
    count: int
    vocabulary: Mapping[str, int]
    idf: Floats
    heads: tuple[Head, ...]

    @cached_property
    def _lookup(self) -> Lookup:
        return Lookup(self.vocabulary)

    @cached_property
    def _weights(self) -> Doubles:
        """Return (features, classes of all heads): a task's features are adjacent rows."""
        return np.vstack([head.weights for head in self.heads]).T.astype(np.float64, order="C")

    @cached_property
    def _intercepts(self) -> Doubles:
        return np.concatenate([head.intercepts for head in self.heads]).astype(np.float64)

    def ask(self, data: Mapping[str, Any]) -> list[ChoicePrediction]:
        """Return the likeliest answer to each question about the task `data`, in `heads`' order.

        An empty list for a model without heads. A `choice` counts only where it is `draftable`.
        """
        if not self.heads:
            return []
        columns, counts = self._lookup.features(texts_of(data))
        weight = (1.0 + np.log(counts)) * self.idf.take(columns)
        length = math.sqrt(np.einsum("i,i", weight, weight)) or 1.0
        # No BLAS: a sum must not depend on where in memory its numbers lie.
        raised = np.einsum("i,ij", weight, self._weights.take(columns, axis=0))
        left, predictions = (raised / length + self._intercepts).tolist(), list[ChoicePrediction]()
        for head in self.heads:
            mine, left = left[: len(head.classes)], left[len(head.classes) :]
            best = max(mine)
            confidence = 1.0 / sum(math.exp(each - best) for each in mine)
            predictions.append(ChoicePrediction(head, head.classes[mine.index(best)], confidence))
        return predictions


def to_bytes(model: Model) -> tuple[bytes, dict[str, Any]]:
    """Return a model as an npz file and its header (JSON-able); equal models give equal bytes.

    Weights are stored as float32.
    """
    arrays: dict[str, Any] = {
        "vocabulary": np.frombuffer("\0".join(model.vocabulary).encode(), dtype=np.uint8),
        "idf": model.idf.astype(np.float32),
    }
    for place, head in enumerate(model.heads):
        arrays[f"weights_{place}"] = head.weights.astype(np.float32)
        arrays[f"intercepts_{place}"] = head.intercepts.astype(np.float32)
    file = io.BytesIO()
    np.savez_compressed(file, allow_pickle=False, **arrays)
    header = {
        "format": FORMAT,
        "kind": model.kind,
        "examples": model.examples,
        "count": model.count,
        "heads": [
            {
                "control": head.control,
                "multiple": head.multiple,
                "classes": list(head.classes),
                "floors": dict(head.floors),
                "figures": dict(head.figures),
            }
            for head in model.heads
        ],
    }
    return file.getvalue(), header


def version_of(content: bytes, header: Mapping[str, Any]) -> str:
    """Return the version of a stored model: `25-0123456789ab`.

    The number of examples it learned from, and 12 hex digits of a hash of file and header.
    """
    text = json.dumps(header, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    digest = hashlib.sha256(content + b"\0" + text.encode()).hexdigest()
    return f"{header['count']}-{digest[:12]}"


def from_bytes(content: bytes, header: Mapping[str, Any]) -> Model:
    """Return the model that a file and its header hold.

    Raises:
        GoldleafError: they are damaged, of another format, or do not belong together.
    """
    try:
        if header["format"] != FORMAT:
            raise ValueError(f"format {header['format']}")
        with np.load(io.BytesIO(content), allow_pickle=False) as file:
            joined = file["vocabulary"].tobytes().decode()
            grams = joined.split("\0") if joined else []
            heads = tuple(
                _head(head, file[f"weights_{place}"], file[f"intercepts_{place}"], len(grams))
                for place, head in enumerate(header["heads"])
            )
            idf = file["idf"]
        if idf.shape != (len(grams),) or len(set(grams)) != len(grams):
            raise ValueError("the vocabulary does not fit")
        vocabulary = {gram: column for column, gram in enumerate(grams)}
        return Model(
            str(header["kind"]),
            str(header["examples"]),
            int(header["count"]),
            vocabulary,
            idf,
            heads,
        )
    except Exception as error:  # zip, numpy and JSON have a dozen ways to say "damaged"
        raise GoldleafError(
            f"This model cannot be read: {type(error).__name__}: {error}",
            fix="delete it; it is learned again from the annotations",
        ) from error


def _head(header: Mapping[str, Any], weights: Floats, intercepts: Floats, features: int) -> Head:
    classes: Sequence[str] = header["classes"]
    if weights.shape != (len(classes), features) or intercepts.shape != (len(classes),):
        raise ValueError("the weights do not fit the classes")
    if not (np.isfinite(weights).all() and np.isfinite(intercepts).all()):
        raise ValueError("a weight is no number")
    return Head(
        str(header["control"]),
        bool(header["multiple"]),
        tuple(classes),
        weights,
        intercepts,
        {str(name): float(floor) for name, floor in header["floors"].items()},
        header["figures"],
    )
