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
        chosen = np.argsort(hashes, kind="stable")[:COMPARED]
        place = np.full(len(vectors), -1)
        place[chosen] = np.arange(len(chosen))
        others = vectors[chosen].astype(np.float32).T
        shortening = (1 / lengths[chosen]).astype(np.float32)
        found = np.zeros(len(vectors))
        for start in range(0, len(vectors), _ROWS):
            rows = slice(start, start + _ROWS)
            near = vectors[rows].astype(np.float32) @ others
            near *= shortening
            own = np.flatnonzero(place[rows] >= 0)
            near[own, place[rows][own]] = -np.inf
            nearest = near.max(axis=1) / lengths[rows]
            found[rows] = np.round(np.clip(1 - nearest, 0, 1), 4)
        return found


def _hash(text: str) -> int:
    return xxhash.xxh3_64_intdigest(text.encode("utf-8", "surrogatepass"))
