"""Outlines of texts: some bits each, by which most pairs are seen not to be alike.

Each 5-gram sets a bit. A bit that one text has and the other has not is a 5-gram that it lacks, so
that bits give bounds of what two texts share, never an estimate: no pair that is alike is lost, and
only the others are counted exactly.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from goldleaf.curation.near_duplicates.folded_texts import FoldedTexts, fold, united_texts
from goldleaf.curation.near_duplicates.record_parts import batches
from goldleaf.curation.near_duplicates.shingles import placed_shingles, shingle_counts

Array = np.ndarray[Any, Any]

BITS = 4096
"""A power of two. Of two unrelated texts of 3,000 characters the bits still tell enough."""
_SHIFT = 32 - BITS.bit_length() + 1
_TEXTS = 512
"""Texts whose bits are a byte each at once."""
_PAIRS = 2_048
"""Pairs whose outlines stay in a cache of the processor."""


@dataclass(frozen=True)
class Outlines:
    """Outlines of texts.

    Attributes:
        bits: uint64 (texts, `BITS` / 64).
        shingles: int64, 5-grams of each, repetitions included.
        lengths: int64, folded characters of each.
        folded: the texts, folded.
    """

    bits: Array
    shingles: Array
    lengths: Array
    folded: FoldedTexts

    def lacking(self, one: Array, other: Array) -> tuple[Array, Array]:
        """Return how many 5-grams of each text of pairs, at least, the other one has not."""
        found = np.zeros((2, len(one)), np.int64)
        for start in range(0, len(one), _PAIRS):
            some = slice(start, start + _PAIRS)
            first, second = self.bits[one[some]], self.bits[other[some]]
            differ = first ^ second
            for place, own in enumerate((first, second)):
                own &= differ
                found[place, some] = np.bitwise_count(own).sum(axis=1, dtype=np.int64)
        return found[0], found[1]


def outlines(texts: Sequence[str]) -> Outlines:
    """Return the outlines of texts."""
    bits: list[Array] = [np.zeros((0, BITS // 64), np.uint64)]
    parts: list[FoldedTexts] = []
    for batch in batches(np.fromiter(map(len, texts), np.int64, len(texts))):
        folded = fold(texts[batch])
        parts.append(folded)
        for start in range(0, len(folded.ends), _TEXTS):
            some = slice(start, start + _TEXTS)
            hashes, runs = placed_shingles(folded, some)
            # What starts no 5-gram sets bits of a text after the last one.
            count = len(runs) // 2
            owners = np.full(len(runs), count * BITS, np.int64)
            owners[::2] = np.arange(0, count * BITS, BITS)
            places = hashes.astype(np.int64)
            places >>= _SHIFT
            places += np.repeat(owners, runs)
            spread = np.zeros((count + 1) * BITS, np.bool_)
            spread[places] = True
            bits.append(np.packbits(spread[: count * BITS]).view(np.uint64).reshape(count, -1))
    whole = united_texts(parts)
    lengths = whole.ends - whole.starts
    return Outlines(np.concatenate(bits), shingle_counts(whole), lengths, whole)
