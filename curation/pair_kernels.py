"""Kernel that compares candidate pairs by their texts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from goldleaf.curation.engines.engine import PARTITION
from goldleaf.curation.folded_texts import FoldedTexts, fold
from goldleaf.curation.record_parts import batches, partition_of
from goldleaf.curation.shingles import shingles
from goldleaf.curation.sketch_kernels import ROW
from goldleaf.curation.text_similarity import TYPED_JACCARD, TextPair, duplicate_score, prompt_score

COMPARED = {
    "kind": pl.Int32,
    "a": pl.Int64,
    "b": pl.Int64,
    "score": pl.Float64,
    "same": pl.Boolean,
}
"""Pairs that are alike. `kind`: `ROW` or `PROMPT`; `score`: 0 to 1; `same`: of prompts, whether
they ask the same."""
COMPARE_VERSION = "1"
_PAIRS = 2_000
"""Pairs whose shingles are in memory at once."""
_OWNER_BITS = np.uint64(24)
Array = np.ndarray[Any, Any]


@dataclass(frozen=True)
class Compare:
    """Kernel: compare the pairs whose texts are here (`COMPARED`).

    Attributes:
        pairs: frame of `kind`, `a`, `b`.
    """

    pairs: pl.DataFrame

    def __call__(self, documents: pl.DataFrame) -> pl.DataFrame:
        """Compare; `documents` are of one partition."""
        part = documents[PARTITION][0]
        rows = documents.unique("key", keep="any").sort("key")
        here = pl.Series(partition_of(self.pairs["a"].to_numpy()) == part)
        pairs = self.pairs.filter(here).sort("kind", "a", "b")
        keys = rows["key"].to_numpy()
        texts = _Texts(rows)
        found: list[tuple[int, int, int, float, bool]] = []
        for kind, a, b in _chunks(pairs):
            one, other = np.searchsorted(keys, a), np.searchsorted(keys, b)
            compared = texts.rows(one, other) if kind == ROW else texts.prompts(one, other)
            for first, second, (score, same) in zip(a, b, compared, strict=True):
                if score:
                    found.append((kind, int(first), int(second), score, same))
        return pl.DataFrame(found, schema=COMPARED, orient="row")


def _chunks(pairs: pl.DataFrame) -> Any:
    for (kind,), frame in pairs.partition_by("kind", as_dict=True, maintain_order=True).items():
        for chunk in frame.iter_slices(_PAIRS):
            yield kind, chunk["a"].to_numpy(), chunk["b"].to_numpy()


class _Texts:
    """The texts of a partition with their distinct shingles, prompt and answer in turn."""

    def __init__(self, rows: pl.DataFrame) -> None:
        prompts, answers = rows["prompt"].to_list(), rows["answer"].to_list()
        self.texts = [text for pair in zip(prompts, answers, strict=True) for text in pair]
        sizes = (rows["prompt"].str.len_bytes() + rows["answer"].str.len_bytes()).to_numpy()
        self.folded: list[tuple[FoldedTexts, int]] = []
        hashes: list[Array] = []
        counts: list[Array] = []
        for batch in batches(sizes):
            folded = fold(self.texts[2 * batch.start : 2 * batch.stop])
            self.folded.extend((folded, number) for number in range(len(folded.starts)))
            own, offsets = _distinct(*shingles(folded))
            hashes.append(own)
            counts.append(np.diff(offsets))
        self.hashes = np.concatenate(hashes) if hashes else np.zeros(0, np.uint64)
        self.counts = np.concatenate(counts) if counts else np.zeros(0, np.int64)
        self.starts = np.cumsum(self.counts) - self.counts

    def prompts(self, one: Array, other: Array) -> Any:
        """Yield (score, whether they ask the same) of pairs of prompts, given by rows."""
        shared = self._shared(2 * one, 2 * other)
        for pair in zip((2 * one).tolist(), (2 * other).tolist(), shared.tolist(), strict=True):
            yield prompt_score(self._pair(*pair)) if self._possible(*pair) else (0.0, False)

    def rows(self, one: Array, other: Array) -> Any:
        """Yield (score, False) of pairs of rows."""
        asked, said = self._shared(2 * one, 2 * other), self._shared(2 * one + 1, 2 * other + 1)
        for a, b, prompt, answer in zip(
            one.tolist(), other.tolist(), asked.tolist(), said.tolist(), strict=True
        ):
            asking, saying = (2 * a, 2 * b, prompt), (2 * a + 1, 2 * b + 1, answer)
            score = 0.0
            if self._possible(*asking) and self._possible(*saying):
                score = duplicate_score(self._pair(*asking), self._pair(*saying))
            yield score, False

    def _possible(self, a: int, b: int, shared: int) -> bool:
        """Return whether a pair shares enough to look at it in Python."""
        least = TYPED_JACCARD * (self.counts[a] + self.counts[b] - shared)
        return shared >= least or (self.counts[a] <= 1 and self.counts[b] <= 1)

    def _pair(self, a: int, b: int, shared: int) -> TextPair:
        folded = tuple(texts.text(number) for texts, number in (self.folded[a], self.folded[b]))
        return TextPair(
            (self.texts[a], self.texts[b]),
            (folded[0], folded[1]),
            shared,
            (int(self.counts[a]), int(self.counts[b])),
        )

    def _shared(self, a: Array, b: Array) -> Array:
        """Return how many shingles the texts of each pair share."""
        owners, found = [], []
        for side in (a, b):
            counts = self.counts[side]
            offsets = np.cumsum(counts) - counts
            places = np.arange(counts.sum()) + np.repeat(self.starts[side] - offsets, counts)
            found.append(self.hashes[places])
            owners.append(np.repeat(np.arange(len(side), dtype=np.uint64), counts))
        tagged = _tagged(np.concatenate(owners), np.concatenate(found))
        tagged.sort()
        twice = tagged[1:][tagged[1:] == tagged[:-1]]
        pairs = (twice >> (np.uint64(64) - _OWNER_BITS)).astype(np.int64)
        return np.bincount(pairs, minlength=len(a))


def _distinct(hashes: Array, offsets: Array) -> tuple[Array, Array]:
    """Return the distinct hashes of each text, of 40 bits each, and their offsets."""
    owner = np.repeat(np.arange(len(offsets) - 1, dtype=np.uint64), np.diff(offsets))
    tagged = np.unique(_tagged(owner, hashes))
    owners = (tagged >> (np.uint64(64) - _OWNER_BITS)).astype(np.int64)
    found = np.zeros(len(offsets), np.int64)
    np.cumsum(np.bincount(owners, minlength=len(offsets) - 1), out=found[1:])
    return tagged << _OWNER_BITS, found


def _tagged(owners: Array, hashes: Array) -> Array:
    """Return hashes that are equal only for the same owner: its number in the upper bits."""
    return (owners << (np.uint64(64) - _OWNER_BITS)) | (hashes >> _OWNER_BITS)
