"""Exact tests of shares: is a share another than a half, or than that of the rest.

Nothing is approximated, because an annotator may have judged ten pairs.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def exact_interval(hits: int, trials: int, level: float = 0.95) -> tuple[float, float]:
    """Return the exact binomial interval (Clopper and Pearson) of a share; (0, 1) without trials.

    Args:
        hits: how often it was so, 0 to `trials`.
        trials: how often it could have been.
        level: the least probability with which the interval holds the true share.
    """
    from scipy.special import betaincinv

    tail = (1 - level) / 2
    low = float(betaincinv(hits, trials - hits + 1, tail)) if hits else 0.0
    high = float(betaincinv(hits + 1, trials - hits, 1 - tail)) if hits < trials else 1.0
    return low, high


def half_p_value(hits: int, trials: int) -> float:
    """Return how likely a share so far from a half is by chance (two-sided); 1 without trials."""
    from scipy.special import bdtr

    rare = min(hits, trials - hits)
    if not trials:
        return 1.0
    return min(1.0, 2.0 * float(bdtr(rare, trials, 0.5)))


def rest_p_value(hits: int, trials: int, rest_hits: int, rest_trials: int) -> float:
    """Return how likely a share so far from that of the rest is by chance: Fisher's exact test.

    Two-sided, as twice the smaller tail; 1 where one of the two has no trials.
    """
    from scipy.special import gammaln

    if not trials or not rest_trials:
        return 1.0
    every, all_hits = trials + rest_trials, hits + rest_hits
    values = np.arange(max(0, trials - (every - all_hits)), min(trials, all_hits) + 1)

    def choose(total: int | np.ndarray, taken: int | np.ndarray) -> np.ndarray:
        return gammaln(total + 1.0) - gammaln(taken + 1.0) - gammaln(total - taken + 1.0)

    log = choose(all_hits, values) + choose(every - all_hits, trials - values)
    weights = np.exp(log - choose(every, trials))
    lower, upper = weights[values <= hits].sum(), weights[values >= hits].sum()
    return min(1.0, 2.0 * float(min(lower, upper)))


def holm_rejected(p_values: Sequence[float], level: float = 0.05) -> list[bool]:
    """Return for each test whether it is rejected, by Holm's correction for many tests.

    The probability that any true null is rejected is at most `level`, however many tests there are
    and however they depend on each other.
    """
    order = sorted(range(len(p_values)), key=lambda place: p_values[place])
    found = [False] * len(p_values)
    for step, place in enumerate(order):
        if p_values[place] > level / (len(p_values) - step):
            break
        found[place] = True
    return found
