"""A learned model as a file: read with numpy alone, never by executing anything from it."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Mapping
from typing import Any

import numpy as np

from goldleaf.backend.training.classifier_model import (
    Floats,
    Head,
    Model,
    Similarity,
    VectorWeights,
)
from goldleaf.backend.training.thresholds import Calibration
from goldleaf.core.errors import GoldleafError
from goldleaf.curation.meaning.embedder import SIZE

FORMAT = 3
"""Raised when a file could be read wrongly, or would be learned differently."""


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
        arrays[f"centroids_{place}"] = head.similarity.centroids.astype(np.float32)
        if head.vectors:
            arrays[f"vector_weights_{place}"] = head.vectors.weights.astype(np.float32)
            arrays[f"vector_intercepts_{place}"] = head.vectors.intercepts.astype(np.float32)
    file = io.BytesIO()
    np.savez_compressed(file, allow_pickle=False, **arrays)
    header = {
        "format": FORMAT,
        "kind": model.kind,
        "examples": model.examples,
        "count": model.count,
        "verdicts": [list(each) for each in model.verdicts],
        "heads": [
            {
                "control": head.control,
                "multiple": head.multiple,
                "classes": list(head.classes),
                "vectors_of": head.vectors.main if head.vectors else None,
                "floors": dict(head.floors),
                "floors_elsewhere": dict(head.floors_elsewhere),
                "generators": None if head.generators is None else list(head.generators),
                "calibration": [
                    head.calibration.intercept,
                    head.calibration.slope,
                    *head.calibration.variance,
                ],
                "similarity": [head.similarity.mean, head.similarity.deviation],
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
    if of_another_release(header):
        raise GoldleafError(
            f"This model is of another release: format {header['format']}, not {FORMAT}.",
            fix="nothing need be done: it is learned again from the annotations",
        )
    try:
        if header["format"] != FORMAT:
            raise ValueError(f"format {header['format']}")
        with np.load(io.BytesIO(content), allow_pickle=False) as file:
            joined = file["vocabulary"].tobytes().decode()
            grams = joined.split("\0") if joined else []
            named = tuple((str(field), str(verdict)) for field, verdict in header["verdicts"])
            heads = tuple(
                _head(head, file, place, len(grams), len(named))
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
            named,
            heads,
        )
    except Exception as error:  # zip, numpy and JSON have a dozen ways to say "damaged"
        raise GoldleafError(
            f"This model cannot be read: {type(error).__name__}: {error}",
            fix="delete it; it is learned again from the annotations",
        ) from error


def of_another_release(header: Mapping[str, Any]) -> bool:
    """Return whether a header is of a format that this release does not read."""
    return isinstance(header.get("format"), int) and header["format"] != FORMAT


def _head(
    header: Mapping[str, Any], file: Mapping[str, Any], place: int, ngrams: int, named: int
) -> Head:
    classes: tuple[str, ...] = tuple(header["classes"])

    def array(name: str, *shape: int) -> Floats:
        found = file[f"{name}_{place}"]
        if found.shape != shape:
            raise ValueError("the weights do not fit the classes")
        if not np.isfinite(found).all():
            raise ValueError("a weight is no number")
        return found

    vectors = None
    if header["vectors_of"] is not None:
        vectors = VectorWeights(
            str(header["vectors_of"]),
            array("vector_weights", len(classes), SIZE),
            array("vector_intercepts", len(classes)),
        )
    intercept, slope, *variance = map(float, header["calibration"])
    one, both, other = variance
    mean, deviation = map(float, header["similarity"])
    return Head(
        str(header["control"]),
        bool(header["multiple"]),
        classes,
        array("weights", len(classes), ngrams + named),
        array("intercepts", len(classes)),
        vectors,
        {str(name): float(floor) for name, floor in header["floors"].items()},
        {str(name): float(floor) for name, floor in header["floors_elsewhere"].items()},
        None if header["generators"] is None else tuple(map(str, header["generators"])),
        Calibration(intercept, slope, (one, both, other)),
        Similarity(array("centroids", len(classes), ngrams), mean, deviation),
        header["figures"],
    )
