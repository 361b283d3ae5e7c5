"""Krippendorff's alpha: how far people agree beyond chance, 1 for always and 0 for chance.

Written from Krippendorff, "Computing Krippendorff's Alpha-Reliability" (2011), sections C and D.
With n(u,c) answers c to item u, and n(u) answers to it, items of one answer left out:

    o(c,k) = sum over u of n(u,c) * (n(u,k) - [c = k]) / (n(u) - 1)
    n(c)   = sum over k of o(c,k),  n = sum of n(c)
    alpha  = 1 - (n - 1) * sum(o(c,k) * d(c,k)) / sum(n(c) * n(k) * d(c,k))

`d` is 0 for equal values; for others 1 (nominal), or the square of the answers from one to the
other, those at both ends counted half (ordinal).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias, cast

import numpy as np
from scipy.sparse import csr_array  # pyright: ignore

Numbers: TypeAlias = "np.ndarray[Any, np.dtype[Any]]"

ROUNDS = 200
"""Resamplings of the items behind an interval."""


@dataclass(frozen=True, slots=True)
class Alpha:
    """Alpha and its interval of 95 %; None where it is undefined.

    It is where no item has two answers, or all answers are one value.
    """

    value: float | None
    low: float | None = None
    high: float | None = None


def krippendorff_alpha(
    items: Numbers, values: Numbers, *, ordinal: bool, seed: int = 7, rounds: int = ROUNDS
) -> Alpha:
    """Return alpha with its bootstrap interval, resampling items.

    Args:
        items: the item of each answer, whole numbers.
        values: the answer, whole numbers; in their order where the scale is ordinal.
        ordinal: or nominal.
        seed: of the resampling.
        rounds: how many resamplings; 0 for no interval.
    """
    _, item, answers = np.unique(items, return_inverse=True, return_counts=True)
    pairable = answers[item] > 1
    if not pairable.any():
        return Alpha(None)
    _, item = np.unique(item[pairable], return_inverse=True)
    known, value = np.unique(values[pairable], return_inverse=True)
    if len(known) < 2:
        return Alpha(None)
    counts, times = _patterns(item, value, len(known))
    weights = np.vstack([times[None, :].astype(float), _drawn(times, rounds, seed)])
    alphas = _ordinal(counts, weights) if ordinal else _nominal(counts, weights)
    low, high = _interval(alphas[1:])
    return Alpha(float(alphas[0]), low, high)


def bootstrap_mean(
    per_item: Numbers, weight: Numbers, *, seed: int = 7, rounds: int = ROUNDS
) -> tuple[float | None, float | None]:
    """Return the interval of 95 % of sum(per_item) / sum(weight), resampling items."""
    if not len(per_item):
        return None, None
    alike, times = np.unique(np.stack([per_item, weight]), axis=1, return_counts=True)
    drawn = _drawn(times, rounds, seed)
    with np.errstate(invalid="ignore", divide="ignore"):
        return _interval((drawn @ alike[0]) / (drawn @ alike[1]))


def _patterns(item: Numbers, value: Numbers, domain: int) -> tuple[Any, Numbers]:
    """Return the different items, patterns x values (how often each), and how many there are.

    Ten thousand items of five answers have a few hundred patterns.
    """
    codes = np.random.default_rng(0).integers(0, 2**64, domain, dtype=np.uint64)
    signature = np.zeros(int(item.max()) + 1, dtype=np.uint64)
    np.add.at(signature, item, codes[value])
    _, first, times = np.unique(signature, return_index=True, return_counts=True)
    rows = np.full(len(signature), -1)
    rows[first] = np.arange(len(first))
    kept = rows[item] >= 0
    places = (rows[item[kept]], value[kept])
    counts = csr_array((np.ones(int(kept.sum())), places), shape=(len(first), domain))
    return counts, times


def _drawn(times: Numbers, rounds: int, seed: int) -> Numbers:
    """Return how often items of each pattern are drawn in each round: rounds x patterns."""
    count = int(times.sum())
    return np.random.default_rng(seed).multinomial(count, times / count, size=rounds).astype(float)


def _interval(values: Numbers) -> tuple[float | None, float | None]:
    defined = values[np.isfinite(values)]
    if not len(defined):
        return None, None
    low, high = np.percentile(defined, [2.5, 97.5])
    return float(low), float(high)


def _nominal(counts: Any, weights: Numbers) -> Numbers:
    """Return an alpha for each row of weights; `counts` is items x values, sparse."""
    answers = _row_sums(counts)
    agreeing = _row_sums(counts * counts) - answers
    observed = weights @ (answers - agreeing / (answers - 1))
    totals = (counts.T @ weights.T).T
    n = totals.sum(axis=1)
    return _alpha(observed, n**2 - (totals**2).sum(axis=1), n)


def _ordinal(counts: Any, weights: Numbers) -> Numbers:
    answers, domain = _row_sums(counts), counts.shape[1]
    totals = (counts.T @ weights.T).T
    n = totals.sum(axis=1)
    # Answers up to the middle of each value: their difference is the distance of two values.
    middle = np.cumsum(totals, axis=1) - totals / 2
    observed = np.zeros(len(weights))
    expected = np.zeros(len(weights))
    dense = cast("Numbers", counts.toarray()) if domain <= _DENSE else None
    for one in range(domain):
        first = dense[:, one] if dense is not None else _column(counts, one)
        for other in range(one + 1, domain):
            second = dense[:, other] if dense is not None else _column(counts, other)
            distance = (middle[:, other] - middle[:, one]) ** 2
            together = weights @ (2 * first * second / (answers - 1))
            observed += together * distance
            expected += 2 * totals[:, one] * totals[:, other] * distance
    return _alpha(observed, expected, n)


_DENSE = 64


def _column(counts: Any, place: int) -> Numbers:
    return cast("Numbers", counts[:, [place]].toarray()[:, 0])


def _row_sums(counts: Any) -> Numbers:
    return np.asarray(counts.sum(axis=1)).ravel()


def _alpha(observed: Numbers, expected: Numbers, n: Numbers) -> Numbers:
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(expected > 0, 1 - (n - 1) * observed / expected, np.nan)
