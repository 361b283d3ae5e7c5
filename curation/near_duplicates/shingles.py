"""Hashes of the character 5-grams of folded texts, and their MinHash signatures.

Character 5-grams need no tokenizer and work in English and in Chinese alike; word n-grams on
Chinese find nothing.
"""

from __future__ import annotations

from array import array
from typing import Any

import numpy as np

from goldleaf.curation.near_duplicates.folded_texts import FoldedTexts

SIZE = 5
"""Characters of a shingle; a shorter text is one shingle."""

Array = np.ndarray[Any, Any]
_FACTORS = np.array(
    [
        0x9E3779B97F4A7C15,
        0xC2B2AE3D27D4EB4F,
        0x165667B19E3779F9,
        0xD6E8FEB86659FD93,
        0xA0761D6478BD642F,
    ],
    np.uint64,
)
_MIX = np.uint64(0xFF51AFD7ED558CCD)
_HALF = np.uint64(32)
_BLOCK = 8_192
"""Characters whose sums stay in a cache of the processor."""


def shingles(folded: FoldedTexts) -> tuple[Array, Array]:
    """Return the hashes of the shingles of texts, in the order of the texts, and offsets.

    Returns:
        hashes: uint64, those of text `n` from `offsets[n]` to `offsets[n + 1]`; with repetitions.
        offsets: int64, one more than there are texts.
    """
    characters, starts, ends = folded.characters, folded.starts, folded.ends
    counts = np.where(ends - starts >= SIZE, ends - starts - SIZE + 1, np.minimum(ends - starts, 1))
    offsets = np.zeros(len(counts) + 1, np.int64)
    np.cumsum(counts, out=offsets[1:])
    # A short text is padded by zeros: what follows its bound is taken out of its sum.
    padded = np.zeros(len(characters) + SIZE, np.uint64)
    padded[: len(characters)] = characters
    length = len(characters)
    sums = np.empty(length, np.uint64)
    product = np.empty(_BLOCK, np.uint64)
    for start in range(0, length, _BLOCK):
        own = sums[start : start + _BLOCK]
        np.multiply(padded[start : start + len(own)], _FACTORS[0], out=own)
        for place in range(1, SIZE):
            following = padded[start + place : start + place + len(own)]
            own += np.multiply(following, _FACTORS[place], out=product[: len(own)])
    short = np.flatnonzero((ends > starts) & (ends - starts < SIZE))
    for text in short:
        own = padded[starts[text] : ends[text]]
        sums[starts[text]] = np.sum(own * _FACTORS[: len(own)], dtype=np.uint64)
    whole = np.ones(length, np.bool_)
    for place in range(SIZE):
        whole[np.maximum(ends - place, 0)] = False
    whole[starts[short]] = True
    found = sums[whole]
    for start in range(0, len(found), _BLOCK):
        own = found[start : start + _BLOCK]
        own ^= np.right_shift(own, _HALF, out=product[: len(own)])
        own *= _MIX
        own ^= np.right_shift(own, _HALF, out=product[: len(own)])
    return found, offsets


def distinct(hashes: Array, offsets: Array) -> tuple[Array, Array]:
    """Return the distinct hashes of each text, ascending, and their offsets."""
    owner = np.repeat(np.arange(len(offsets) - 1), np.diff(offsets))
    order = np.lexsort((hashes, owner))
    hashes, owner = hashes[order], owner[order]
    new = np.ones(len(hashes), np.bool_)
    new[1:] = (hashes[1:] != hashes[:-1]) | (owner[1:] != owner[:-1])
    found = np.zeros(len(offsets), np.int64)
    np.cumsum(np.bincount(owner[new], minlength=len(offsets) - 1), out=found[1:])
    return hashes[new], found


def signatures(hashes: Array, offsets: Array, permutations: int) -> Array:
    """Return MinHash signatures, one row a text, uint32 (rows, permutations).

    Rows of texts without shingles are all the same; callers leave them out.
    """
    from rensa import RMinHash  # pyright: ignore[reportAttributeAccessIssue]

    matrix = RMinHash.digest_matrix_from_flat_token_hashes(
        np.ascontiguousarray(hashes), offsets.astype(np.uint64), permutations, 1
    )
    # Three times as fast as `np.array` of these lists, which is half of what a signature costs.
    rows = b"".join([array("I", row) for row in matrix.to_rows()])
    return np.frombuffer(rows, np.uint32).reshape(len(offsets) - 1, permutations)
