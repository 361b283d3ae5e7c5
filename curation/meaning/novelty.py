"""How far a prompt is from the nearest other prompt of its set: its novelty.

The vectors are those that prototypes are told by (`prototype_assignment`): of the line that says
what to do, so a task is not new because its text is. Products are of whole numbers that float32
holds exactly, so the result does not depend on how many are multiplied together.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import polars as pl
import xxhash
from numpy.typing import NDArray

from goldleaf.curation.screens.screen import SIGNALS

NOVELTY: Final = "novelty"
COMPARED = 50_000
"""Different prompts that each is compared with: those with the least hashes where there are more,
so that the time grows with the set and not with its square (measured: 0.7 ms a prompt)."""
SCALE = 1024
"""Steps of a number of a vector: sums of products stay below 2^24."""
_ROWS = 256
_COLUMNS = 2_048
"""Vectors that are multiplied by each other at a time: their products fit a processor's cache."""


class Prompts:
    """Prompts of a set, added part by part, each text kept once."""

    def __init__(self) -> None:
        self._records: list[str] = []
        self._of: list[int] = []
        self._number: dict[str, int] = {}
        self._vectors: list[NDArray[np.int16]] = []

    def add(
        self, records: Sequence[str], texts: Sequence[str], vectors: NDArray[np.float32]
    ) -> None:
        """Add prompts.

        Args:
            records: ids.
            texts: what the vectors are of; equal texts are one prompt, and `""` is none.
            vectors: float32 (prompts, size) of length 1 or 0.
        """
        for record, text, vector in zip(records, texts, vectors, strict=True):
            if not text or not vector.any():
                continue
            number = self._number.setdefault(text, len(self._vectors))
            if number == len(self._vectors):
                self._vectors.append(np.rint(vector * SCALE).astype(np.int16))
            self._records.append(record)
            self._of.append(number)

    def novelty(self) -> pl.DataFrame:
        """Return the signal (`SIGNALS`) of each record: 1 less the cosine to the nearest other one.

        0 where another record has the same text, 1 where nothing is like it; none where the set has
        one prompt only.
        """
        if len(self._records) < 2:
            return pl.DataFrame(schema=SIGNALS)
        of = np.array(self._of)
        values = np.where(np.bincount(of) > 1, 0.0, self._distances())[of]
        return pl.DataFrame(
            {"record": self._records, "name": NOVELTY, "value": values}, schema=SIGNALS
        ).sort("record")

    def _distances(self) -> NDArray[np.float64]:
        """Return the distance of each text to the nearest other one that it is compared with."""
        vectors = np.stack(self._vectors)
        vectors = vectors[:, vectors.any(axis=0)]  # without the encoder half of them are zeros
        lengths = np.sqrt(np.square(vectors, dtype=np.float64).sum(axis=1))
        hashes = np.array([_hash(text) for text in self._number], np.uint64)
        order = np.argsort(hashes, kind="stable")
        found = np.empty(len(vectors))
        found[order] = _nearest(vectors, (1 / lengths).astype(np.float32), order)
        return np.round(np.clip(1 - found / lengths, 0, 1), 4)


def _nearest(
    vectors: NDArray[np.int16], shortening: NDArray[np.float32], order: NDArray[np.int64]
) -> NDArray[np.float32]:
    """Return the largest product of each vector with another one, that one made as long as 1.

    The first `COMPARED` of the order are compared with each other, so that a product serves both,
    and all others with these.

    Args:
        vectors: (prompts, size).
        shortening: what makes each as long as 1.
        order: the vectors, as they are returned.
    """
    compared, total = min(COMPARED, len(order)), len(order)
    others, shorter = vectors[order[:compared]].astype(np.float32), shortening[order]
    found = np.full(total, -np.inf, np.float32)
    for start in (*range(0, compared, _ROWS), *range(compared, total, _ROWS)):
        both = start < compared
        end = min(start + _ROWS, compared if both else total)
        rows = vectors[order[start:end]].astype(np.float32)
        for first in range(start if both else 0, compared, _COLUMNS):
            columns = slice(first, min(first + _COLUMNS, compared))
            products = rows @ others[columns].T
            if both and first == start:
                np.fill_diagonal(products, -np.inf)
            nearest = (products * shorter[columns]).max(axis=1)
            np.maximum(found[start:end], nearest, out=found[start:end])
            if both:
                products *= shorter[start:end, None]
                np.maximum(found[columns], products.max(axis=0), out=found[columns])
    return found


def _hash(text: str) -> int:
    return xxhash.xxh3_64_intdigest(text.encode("utf-8", "surrogatepass"))
