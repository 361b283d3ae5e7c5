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
from goldleaf.curation.near_duplicates.sorted_numbers import sorted_numbers

BANDS = {PARTITION: pl.Int32, "band": pl.Int32, "deep": pl.Int32, "key": pl.Int64}
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
_FACTOR, _MIX = np.uint32(0x9E3779B1), np.uint32(0x85EBCA6B)
_HALF, _LESS = np.uint32(16), np.uint32(15)
_PLACE = np.uint64(32)
"""Bits of a band's place."""


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
    numbers = needed.astype(np.uint32) + np.uint32((banding.kind << 16) + banding.first)
    hashed = np.repeat(_mixed(numbers)[:, None], len(signatures), axis=1)
    for row in range(banding.rows):
        hashed += values[:, row]
        hashed *= _FACTOR
    hashed = _mixed(hashed)
    # Of a million different bands two hundred have the hash of another one: a pair too many each.
    bands, first, second = (hashed[np.searchsorted(needed, each)] for each in following)
    second *= _FACTOR
    first ^= second
    bands &= ~np.uint32(1)
    bands |= np.uint32(banding.kind)
    return bands.view(np.int32), first.view(np.int32)


def _mixed(hashed: Array) -> Array:
    hashed = hashed ^ (hashed >> _HALF)
    hashed *= _MIX
    hashed ^= hashed >> _LESS
    return hashed


def pairs_of_bands(bands: pl.DataFrame) -> pl.DataFrame:
    """Kernel: return the pairs (`PAIRS`) of texts that share a band, each once."""
    band, deep, key = (bands[name].to_numpy() for name in ("band", "deep", "key"))
    order = _repeated(band)
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


def _repeated(bands: Array) -> Array:
    """Return the places of bands that others have too, equal ones next to each other.

    Most bands are of one text alone. A band and its place are put in order as one number.
    """
    tagged = bands.view(np.uint32).astype(np.uint64)
    tagged <<= _PLACE
    tagged |= np.arange(len(bands), dtype=np.uint64)
    tagged = sorted_numbers(tagged)
    ordered = (tagged >> _PLACE).astype(np.uint32)
    same = ordered[1:] == ordered[:-1]
    repeated = np.zeros(len(bands), np.bool_)
    repeated[1:] = same
    repeated[:-1] |= same
    return tagged[repeated].astype(np.uint32)


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
    one, other = (pairs[side].to_numpy() for side in ("a", "b"))
    kinds = pairs["kind"].to_numpy().astype(np.uint64)
    # A row and a prompt are two texts; keys have 63 bits.
    sides = [(side.view(np.uint64) << np.uint64(1)) | kinds for side in (one, other)]
    _, texts, counts = np.unique(np.concatenate(sides), return_inverse=True, return_counts=True)
    many = counts[texts] > most
    kept = ~(many[: len(one)] & many[len(one) :])
    places = np.flatnonzero(many)
    own = places % max(1, len(one))
    texts, equal = texts[places], pairs["equal"].to_numpy()[own]
    order = np.lexsort((other[own], one[own], -equal, texts))
    starts = np.flatnonzero(_starts(texts[order]))
    place = np.arange(len(order)) - np.repeat(starts, np.diff(np.r_[starts, len(order)]))
    kept[own[order[place < most]]] = True
    return pairs.filter(pl.Series(kept))
