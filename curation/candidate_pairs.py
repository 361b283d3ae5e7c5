"""Which texts may be nearly the same: pairs whose MinHash signatures agree in a band.

Bands of few rows find pairs of low similarity. What keeps them few at any size: common shingles are
not in the signatures (`goldleaf.curation.common_shingles`), and a band's group gives pairs in
proportion to its members, however many share a band.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from goldleaf.curation.engines.engine import PARTITION, PARTITIONS
from goldleaf.curation.shingles import Array

BANDS = {PARTITION: pl.Int32, "band": pl.Int64, "deep": pl.Int32, "key": pl.Int64}
"""`band`: hash of a band's number and values, its last bit the kind; `deep`: hash of more values of the signature, which
parts large groups; `key`: of the text."""
PAIRS = {"kind": pl.Int32, "a": pl.Int64, "b": pl.Int64}
"""`kind`: of the banding; `a`, `b`: keys of two texts, the lesser first."""

ALL_PAIRS = 8
"""Members of a group of which all pairs are candidates."""
WINDOW = 4
"""Members after it that each member of a larger group is compared with."""
_MULTIPLY = np.uint64(0x9E3779B97F4A7C15)
_SHIFT = np.uint64(29)


@dataclass(frozen=True)
class Banding:
    """How signatures are cut into bands.

    Attributes:
        bands: how many.
        rows: values of the signature a band.
        kind: 0 or 1, of what is compared.
        deeper: values after a band's, that part its group if it is large.
    """

    bands: int
    rows: int
    kind: int = 0
    deeper: int = 8

    @property
    def permutations(self) -> int:
        """Length of a signature."""
        return self.bands * self.rows


def band_rows(keys: Array, signatures: Array, banding: Banding) -> pl.DataFrame:
    """Return the bands (`BANDS`) of texts.

    Args:
        keys: int64.
        signatures: unsigned, (texts, at least `banding.permutations`).
        banding: how to cut them.
    """
    shape = (len(keys), banding.bands, banding.rows)
    values = signatures[:, : banding.permutations].astype(np.uint64)
    numbers = np.arange(banding.bands, dtype=np.uint64) + np.uint64(banding.kind << 16)
    hashed = np.broadcast_to(numbers, shape[:2])
    for place in range(banding.rows):
        hashed = _mixed(hashed ^ values.reshape(shape)[:, :, place])
    bands = ((hashed >> np.uint64(2)).astype(np.int64) << 1) | banding.kind
    rotated = np.roll(values, -banding.rows, axis=1)
    for place in range(banding.deeper):
        hashed = _mixed(hashed ^ np.roll(rotated, -place, axis=1)[:, :: banding.rows])
    return pl.DataFrame(
        {
            PARTITION: ((bands >> 1) % PARTITIONS).astype(np.int32).ravel(),
            "band": bands.ravel(),
            "deep": (hashed >> np.uint64(33)).astype(np.int32).ravel(),
            "key": np.repeat(keys, banding.bands),
        },
        schema=BANDS,
    )


def _mixed(hashed: Array) -> Array:
    hashed = hashed * _MULTIPLY
    return hashed ^ (hashed >> _SHIFT)


def pairs_of_bands(bands: pl.DataFrame) -> pl.DataFrame:
    """Kernel: return the pairs (`PAIRS`) of texts that share a band, each once, ascending."""
    band, deep, key = (bands[name].to_numpy() for name in ("band", "deep", "key"))
    order = np.argsort(band)
    sorted_bands = band[order]
    equal = np.zeros(len(order) + 1, np.bool_)
    np.equal(sorted_bands[1:], sorted_bands[:-1], out=equal[1:-1])
    shared = equal[1:] | equal[:-1]
    order = order[shared]
    band, deep, key = band[order], deep[order], key[order]
    starts = np.flatnonzero(np.r_[True, band[1:] != band[:-1]]) if len(band) else np.zeros(0, int)
    sizes = np.diff(np.r_[starts, len(band)])
    key = np.stack([key, band & 1], axis=1)
    found = [_few(key, starts[sizes == size], size) for size in range(2, ALL_PAIRS + 1)]
    large = np.repeat(sizes > ALL_PAIRS, sizes)
    if large.any():
        found.extend(_many(band[large], deep[large], key[large]))
    pairs = np.concatenate(found)
    frame = pl.DataFrame(
        {
            "kind": pairs[:, 0, 1].astype(np.int32),
            "a": pairs[:, :, 0].min(axis=1),
            "b": pairs[:, :, 0].max(axis=1),
        },
        schema=PAIRS,
    )
    return frame.filter(pl.col("a") != pl.col("b")).unique().sort("kind", "a", "b")


def _few(members: Array, starts: Array, size: int) -> Array:
    """Return all pairs of the groups of one size: (pairs, 2, columns of a member)."""
    one, other = np.triu_indices(size, 1)
    places = starts[:, None]
    return np.stack([members[(places + one).ravel()], members[(places + other).ravel()]], axis=1)


def _many(band: Array, deep: Array, members: Array) -> list[Array]:
    """Return pairs of large groups: neighbours, and each with the first that is alike deeper."""
    order = np.lexsort((members[:, 0], deep, band))
    band, deep, members = band[order], deep[order], members[order]
    found: list[Array] = []
    for step in range(1, WINDOW + 1):
        same = band[step:] == band[:-step]
        found.append(np.stack([members[:-step][same], members[step:][same]], axis=1))
    new = np.r_[True, (band[1:] != band[:-1]) | (deep[1:] != deep[:-1])]
    first = members[np.maximum.accumulate(np.where(new, np.arange(len(band)), 0))]
    found.append(np.stack([first, members], axis=1))
    return found
