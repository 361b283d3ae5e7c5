"""Which texts may be nearly the same: pairs whose MinHash signatures agree in a band.

Bands of few rows find pairs of low similarity. What keeps them few at any size: common shingles are
not in the signatures (`common_shingles`), and a band's group gives pairs in
proportion to its members, however many share a band.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import polars as pl

from goldleaf.curation.engines.engine import PARTITION, PARTITIONS
from goldleaf.curation.near_duplicates.hash_lookup import different_rows
from goldleaf.curation.near_duplicates.shingles import Array

BANDS = {PARTITION: pl.Int32, "band": pl.Int64, "deep": pl.Int32, "key": pl.Int64}
"""`band`: hash of a band's number and values, its last bit the kind; `deep`: hash of the
next two bands, which parts large groups; `key`: of the text."""
ESTIMATED = {"kind": pl.Int32, "a": pl.Int64, "b": pl.Int64, "equal": pl.Int32}
"""Pairs with how many of 1,000 values of their signatures are equal."""
PAIRS = {"kind": pl.Int32, "a": pl.Int64, "b": pl.Int64}
"""`kind`: of the banding; `a`, `b`: keys of two texts, the lesser first."""

ALL_PAIRS = 8
"""Members of a group of which all pairs are candidates."""
WINDOW = 3
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
        first: number of the first band, to tell bandings of one kind apart.
    """

    bands: int
    rows: int
    kind: int = 0
    first: int = 0

    @property
    def values(self) -> int:
        """Values of a signature that are in bands."""
        return self.bands * self.rows


def band_rows(
    signed: Iterable[tuple[Array, Array, Banding]], number: int = 0, passes: int = 1
) -> pl.DataFrame:
    """Return the bands (`BANDS`) of texts, partition by partition.

    Args:
        signed: keys of texts, int64; their signatures, unsigned, (texts, at least
            `banding.values`); how to cut them.
        number: of a pass, from 0: it has some of the partitions.
        passes: how many there are.
    """
    found: dict[int, list[tuple[Array, Array, Array]]] = {}
    for keys, signatures, banding in signed:
        # All of one band are of one partition: which one, its number says.
        places = (banding.first + (banding.kind << 2) + np.arange(banding.bands)) % PARTITIONS
        # A pass has partitions that follow each other: their bands tell large groups of each other.
        own = np.flatnonzero(places * passes // PARTITIONS == number)
        if len(own):
            hashed = zip(
                places[own].tolist(), *_hashed_bands(signatures, banding, own), strict=True
            )
            for place, bands, deep in hashed:
                found.setdefault(place, []).append((bands, deep, keys))
    frames = [pl.DataFrame(schema=BANDS)]
    for place in sorted(found):
        names = ("band", "deep", "key")
        own_columns = zip(*found.pop(place), strict=True)
        columns = dict(zip(names, map(np.concatenate, own_columns), strict=True))
        own = pl.DataFrame(columns).with_columns(pl.lit(place, pl.Int32).alias(PARTITION))
        frames.append(own.select(list(BANDS)))
    return pl.concat(frames)


def _hashed_bands(signatures: Array, banding: Banding, own: Array) -> tuple[Array, Array]:
    """Return `band` and `deep` of `BANDS`, (bands, texts), of the bands with these numbers."""
    following = [(own + step) % banding.bands for step in range(3)]
    needed = np.unique(np.concatenate(following))
    # One band after the other: the inner loops are over texts.
    columns = (needed[:, None] * banding.rows + np.arange(banding.rows)).ravel()
    values = np.ascontiguousarray(signatures[:, columns].T)
    values = values.reshape(len(needed), banding.rows, len(signatures))
    numbers = needed.astype(np.uint64) + np.uint64((banding.kind << 16) + banding.first)
    hashed = _mixed(numbers)[:, None]
    for start in range(0, banding.rows, 4):
        hashed = _mixed(hashed ^ _packed(values[:, start : start + 4]))
    bands, first, second = (hashed[np.searchsorted(needed, each)] for each in following)
    deep = _mixed(first ^ (second >> np.uint64(1))) >> np.uint64(33)
    bands = ((bands >> np.uint64(1)).view(np.int64) & ~np.int64(1)) | banding.kind
    return bands, deep.astype(np.int32)


def _packed(values: Array) -> Array:
    """Return up to four 16-bit numbers, (bands, numbers, texts), as one, (bands, texts)."""
    found = values[:, 0].astype(np.uint64)
    for place in range(1, values.shape[1]):
        found |= values[:, place].astype(np.uint64) << np.uint64(16 * place)
    return found


def _mixed(hashed: Array) -> Array:
    hashed = hashed * _MULTIPLY
    return hashed ^ (hashed >> _SHIFT)


def pairs_of_bands(bands: pl.DataFrame) -> pl.DataFrame:
    """Kernel: return the pairs (`PAIRS`) of texts that share a band, each once."""
    band, deep, key = (bands[name].to_numpy() for name in ("band", "deep", "key"))
    order = _maybe_repeated(band)
    order = order[np.argsort(band[order])]
    own = band[order]
    members = np.stack([key[order], own & 1], axis=1)
    found, large = _pairs_of_groups(members, _starts(own), ALL_PAIRS)
    if large.any():
        # Large groups are parted by what follows in the signature.
        order = order[large]
        order = order[np.lexsort((key[order], deep[order], band[order]))]
        own = band[order]
        members, new = np.stack([key[order], own & 1], axis=1), _starts(own)
        parted, large = _pairs_of_groups(members, new | _starts(deep[order]), WINDOW)
        found += parted
        found += _neighbours(members[large], (new | _starts(deep[order]))[large])
    pairs = np.concatenate(found)
    kind, ends = pairs[:, 0, 1].astype(np.int32), pairs[:, :, 0]
    frame = pl.DataFrame({"kind": kind, "a": ends.min(axis=1), "b": ends.max(axis=1)}, PAIRS)
    return unique_pairs(frame.filter(pl.col("a") != pl.col("b")))


def _maybe_repeated(bands: Array) -> Array:
    """Return the places of bands that others may have too: most bands are of one text alone.

    A number of the first bits of each band and its place is put in order in a fourth of the time
    that it takes to put places in order.
    """
    bits = np.uint64(len(bands).bit_length())
    tagged = bands.view(np.uint64) >> bits << bits
    tagged |= np.arange(len(bands), dtype=np.uint64)
    tagged.sort()
    same = tagged[1:] >> bits == tagged[:-1] >> bits
    repeated = np.zeros(len(bands), np.bool_)
    repeated[1:] = same
    repeated[:-1] |= same
    return (tagged[repeated] & ((np.uint64(1) << bits) - np.uint64(1))).view(np.int64)


def unique_pairs(pairs: pl.DataFrame) -> pl.DataFrame:
    """Return pairs (`PAIRS`), each once, in an order that depends on them alone."""
    return pairs[different_rows(*(pairs[name].to_numpy() for name in PAIRS))]


def _starts(values: Array) -> Array:
    """Return where a run of equal values starts."""
    new = np.ones(len(values), np.bool_)
    np.not_equal(values[1:], values[:-1], out=new[1:])
    return new


def _pairs_of_groups(members: Array, new: Array, most: int) -> tuple[list[Array], Array]:
    """Return all pairs of the small groups, and which members are of large ones.

    Args:
        members: (rows, columns), the groups one after the other.
        new: where a group starts.
        most: members of a small group.
    """
    starts = np.flatnonzero(new)
    sizes = np.diff(np.r_[starts, len(members)])
    found: list[Array] = []
    for size in range(2, most + 1):
        one, other = np.triu_indices(size, 1)
        places = starts[sizes == size][:, None]
        both = members[(places + one).ravel()], members[(places + other).ravel()]
        found.append(np.stack(both, axis=1))
    return found, np.repeat(sizes > most, sizes)


def _neighbours(members: Array, new: Array) -> list[Array]:
    """Return pairs in proportion to the members: each with those after it, and with the first."""
    group = np.cumsum(new)
    found: list[Array] = []
    for step in range(1, WINDOW + 1):
        same = group[step:] == group[:-step]
        found.append(np.stack([members[:-step][same], members[step:][same]], axis=1))
    first = members[np.maximum.accumulate(np.where(new, np.arange(len(members)), 0))]
    found.append(np.stack([first, members], axis=1))
    return found


def closest(pairs: pl.DataFrame, most: int) -> pl.DataFrame:
    """Return the pairs (`ESTIMATED`) that are among the `most` closest of one of their texts."""
    numbered = pairs.with_row_index("pair")
    sides = [numbered.with_columns(pl.col(side).alias("text")) for side in ("a", "b")]
    both = pl.concat(sides).with_columns(many=pl.len().over("kind", "text") > most)
    ordered = both.filter("many").sort(
        "kind", "text", "equal", "a", "b", descending=[False, False, True, False, False]
    )
    place = pl.int_range(pl.len()).over("kind", "text")
    kept = np.zeros(pairs.height, np.bool_)
    kept[both.filter(~pl.col("many"))["pair"].to_numpy()] = True
    kept[ordered.filter(place < most)["pair"].to_numpy()] = True
    return pairs.filter(pl.Series(kept))
