"""Kernel that compares candidate pairs by their texts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from goldleaf.curation.engines.engine import PARTITION
from goldleaf.curation.near_duplicates.folded_texts import FoldedTexts, fold
from goldleaf.curation.near_duplicates.placed_pairs import pairs_of_partition
from goldleaf.curation.near_duplicates.record_parts import batches
from goldleaf.curation.near_duplicates.shingles import shingles
from goldleaf.curation.near_duplicates.sketch_kernels import ROW
from goldleaf.curation.near_duplicates.text_differences import Words
from goldleaf.curation.near_duplicates.text_similarity import (
    ANSWER_JACCARD,
    CONTAINMENT,
    PROMPT_JACCARD,
    SHORT,
    TYPED_JACCARD,
    TYPED_RATIO,
    VERY_SHORT,
    TextPair,
    duplicate_score,
    prompt_score,
)

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
_SAMPLED = 24
"""Shingles of a sample, below which it says too little."""
_OWNER_BITS = np.uint64(24)
Array = np.ndarray[Any, Any]


@dataclass(frozen=True)
class Compare:
    """Kernel: compare the pairs whose texts are here (`COMPARED`).

    Attributes:
        pairs: `goldleaf.curation.candidate_pairs.PAIRS` and their partition.
    """

    pairs: pl.DataFrame

    def __call__(self, documents: pl.DataFrame) -> pl.DataFrame:
        """Compare; `documents` are of one partition."""
        pairs = pairs_of_partition(self.pairs, documents[PARTITION][0])
        rows = documents.unique("key", keep="any").sort("key")
        keys = rows["key"].to_numpy()
        texts = _Texts(rows)
        found: list[tuple[int, int, int, float, bool]] = []
        for kind, chunk in _chunks(pairs):
            a, b = chunk["a"].to_numpy(), chunk["b"].to_numpy()
            one, other = np.searchsorted(keys, a), np.searchsorted(keys, b)
            for place, score, same in (texts.rows if kind == ROW else texts.prompts)(one, other):
                found.append((kind, int(a[place]), int(b[place]), score, same))
        return pl.DataFrame(found, schema=COMPARED, orient="row")


def _chunks(pairs: pl.DataFrame) -> Iterator[tuple[int, pl.DataFrame]]:
    for (kind,), frame in pairs.partition_by("kind", as_dict=True, maintain_order=True).items():
        for chunk in frame.iter_slices(_PAIRS):
            yield kind, chunk


class _Shingles:
    """The distinct shingles of texts, one text after the other."""

    def __init__(self, hashes: Array, counts: Array) -> None:
        self.hashes = hashes
        self.counts = counts
        self.starts = np.cumsum(counts) - counts

    def sample(self) -> _Shingles:
        """Return one shingle in eight, the same ones of all texts."""
        kept = ((self.hashes >> _OWNER_BITS) & np.uint64(7)) == 0
        sums = np.zeros(len(kept) + 1, np.int64)
        np.cumsum(kept, out=sums[1:])
        return _Shingles(self.hashes[kept], sums[self.starts + self.counts] - sums[self.starts])


class _Texts:
    """The texts of a partition with their distinct shingles, prompt and answer in turn."""

    def __init__(self, rows: pl.DataFrame) -> None:
        prompts, answers = rows["prompt"].to_list(), rows["answer"].to_list()
        self.texts = [text for pair in zip(prompts, answers, strict=True) for text in pair]
        sizes = (rows["prompt"].str.len_bytes() + rows["answer"].str.len_bytes()).to_numpy()
        self.folded: list[tuple[FoldedTexts, int]] = []
        self.words: dict[int, Words] = {}
        hashes: list[Array] = []
        counts: list[Array] = []
        lengths: list[Array] = []
        for batch in batches(sizes):
            folded = fold(self.texts[2 * batch.start : 2 * batch.stop])
            self.folded.extend((folded, number) for number in range(len(folded.starts)))
            own, offsets = _distinct(*shingles(folded))
            hashes.append(own)
            counts.append(np.diff(offsets))
            lengths.append(folded.ends - folded.starts)
        self.shingles = _Shingles(np.concatenate(hashes), np.concatenate(counts))
        self.sample = self.shingles.sample()
        self.counts = self.shingles.counts
        self.lengths = np.concatenate(lengths)

    def prompts(self, one: Array, other: Array) -> Iterator[tuple[int, float, bool]]:
        """Yield (place, score, whether they ask the same) of pairs of prompts that are alike."""
        shared = self._shared(2 * one, 2 * other)
        possible = self._possible(2 * one, 2 * other, shared, PROMPT_JACCARD)
        for place in np.flatnonzero(possible).tolist():
            pair = self._pair(2 * int(one[place]), 2 * int(other[place]), int(shared[place]))
            score, same = prompt_score(pair)
            if score:
                yield place, score, same

    def rows(self, one: Array, other: Array) -> Iterator[tuple[int, float, bool]]:
        """Yield (place, score, False) of pairs of rows that are alike."""
        near = self._maybe(2 * one + 1, 2 * other + 1)
        one, other = one[near], other[near]
        said = self._shared(2 * one + 1, 2 * other + 1)
        left = np.flatnonzero(self._possible(2 * one + 1, 2 * other + 1, said, ANSWER_JACCARD))
        one, other, said = one[left], other[left], said[left]
        asked = self._shared(2 * one, 2 * other)
        possible = self._possible(2 * one, 2 * other, asked, PROMPT_JACCARD)
        for place in np.flatnonzero(possible).tolist():
            a, b = int(one[place]), int(other[place])
            answer = self._pair(2 * a + 1, 2 * b + 1, int(said[place]))
            score = duplicate_score(self._pair(2 * a, 2 * b, int(asked[place])), answer)
            if score:
                yield int(near[left[place]]), score, False

    def _maybe(self, a: Array, b: Array) -> Array:
        """Return which pairs may share enough, as far as a sample of the shingles of both says."""
        shared = self._shared(a, b, self.sample)
        counts = self.sample.counts[a], self.sample.counts[b]
        least = np.minimum(*counts)
        jaccard = shared / np.maximum(counts[0] + counts[1] - shared, 1)
        alike = (jaccard >= ANSWER_JACCARD / 2) | (shared >= CONTAINMENT / 2 * least)
        return np.flatnonzero(alike | (least < _SAMPLED))

    def _possible(self, a: Array, b: Array, shared: Array, least: float) -> Array:
        """Return which pairs `TextPair.alike` may find alike."""
        counts, others = self.counts[a], self.counts[b]
        jaccard = shared / np.maximum(counts + others - shared, 1)
        contained = shared >= CONTAINMENT * np.minimum(counts, others)
        lengths = np.maximum(self.lengths[a], self.lengths[b])
        shorter = np.minimum(self.lengths[a], self.lengths[b])
        typed = (jaccard >= TYPED_JACCARD) & (lengths <= SHORT)
        typed &= shorter >= TYPED_RATIO * lengths
        return (jaccard >= least) | contained | typed | (lengths <= VERY_SHORT)

    def _pair(self, a: int, b: int, shared: int) -> TextPair:
        counts = int(self.counts[a]), int(self.counts[b])
        return TextPair(self._words(a), self._words(b), shared, counts)

    def _words(self, place: int) -> Words:
        found = self.words.get(place)
        if found is None:
            texts, number = self.folded[place]
            found = self.words[place] = Words(self.texts[place], texts.text(number))
        return found

    def _shared(self, a: Array, b: Array, shingles: _Shingles | None = None) -> Array:
        """Return how many shingles the texts of each pair share."""
        known = shingles or self.shingles
        owners, found = [], []
        for side in (a, b):
            counts = known.counts[side]
            offsets = np.cumsum(counts) - counts
            places = np.arange(counts.sum()) + np.repeat(known.starts[side] - offsets, counts)
            found.append(known.hashes[places])
            owners.append(np.repeat(np.arange(len(side), dtype=np.uint64), counts))
        tagged = _tagged(np.concatenate(owners), np.concatenate(found))
        tagged.sort()
        twice = tagged[1:][tagged[1:] == tagged[:-1]]
        pairs = (twice >> (np.uint64(64) - _OWNER_BITS)).astype(np.int64)
        return np.bincount(pairs, minlength=len(a))


def _distinct(hashes: Array, offsets: Array) -> tuple[Array, Array]:
    """Return the distinct hashes of each text, of 40 bits each, and their offsets."""
    owner = np.repeat(np.arange(len(offsets) - 1, dtype=np.uint64), np.diff(offsets))
    tagged = _tagged(owner, hashes)
    tagged.sort()
    new = np.ones(len(tagged), np.bool_)
    np.not_equal(tagged[1:], tagged[:-1], out=new[1:])
    tagged = tagged[new]
    owners = (tagged >> (np.uint64(64) - _OWNER_BITS)).astype(np.int64)
    found = np.zeros(len(offsets), np.int64)
    np.cumsum(np.bincount(owners, minlength=len(offsets) - 1), out=found[1:])
    return tagged << _OWNER_BITS, found


def _tagged(owners: Array, hashes: Array) -> Array:
    """Return hashes that are equal only for the same owner: its number in the upper bits."""
    return (owners << (np.uint64(64) - _OWNER_BITS)) | (hashes >> _OWNER_BITS)
