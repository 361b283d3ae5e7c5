"""Position and length bias: of the set, and of each annotator.

Without a position bias the better answer stands first in half of the choices, because the order on
the screen is drawn at random. The longer answer may be better for its content, so an annotator is
named for length only where the share is off a half *and* off that of the others.

All tests of a set are corrected together (Holm): of sets without any bias at most one in twenty has
something reported, however many annotators there are.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal, TypeAlias

import polars as pl

from goldleaf.curation.pair_audit.exact_tests import (
    exact_interval,
    half_p_value,
    holm_rejected,
    rest_p_value,
)

Measure: TypeAlias = Literal["first", "longer"]

LEVEL = 0.05
"""Sets without a bias for which one is reported, at most."""
LEAST_EFFECT = 0.05
"""A share nearer to a half is not reported, however sure: it changes nothing."""


@dataclass(frozen=True, slots=True)
class BiasRate:
    """How often the better answer was shown `first`, or was the `longer` one.

    `annotator`: pseudonym, "" for the set; `hits` of `trials`; `low`, `high`: the exact 95 %
    interval of the share; `p_value`: before the correction; `reported`: after it.
    """

    annotator: str
    measure: Measure
    hits: int
    trials: int
    low: float
    high: float
    p_value: float
    reported: bool = False

    @property
    def rate(self) -> float:
        """The share, a half without trials."""
        return self.hits / self.trials if self.trials else 0.5

    def plain(self) -> dict[str, Any]:
        """Return it as JSON-able values."""
        return asdict(self) | {"rate": self.rate}


def bias_rates(
    choices: pl.DataFrame, gaps: pl.Series | None = None, level: float = LEVEL
) -> tuple[BiasRate, ...]:
    """Return the rates of the set, then those of each annotator, by pseudonym.

    Args:
        choices: one row an annotation (`choices.newest`).
        gaps: length of the better answer less that of the other of every pair of the set, imported
            ones too; by default those of the choices.
        level: how often anything may be reported of a set without a bias.
    """
    decided = choices.select("annotator", "winner", "first_won", "gap").drop_nulls("winner")
    first = _counted(decided, pl.col("first_won"), pl.lit(True))
    longer = _counted(decided, pl.col("gap") > 0, pl.col("gap") != 0)
    gaps = decided["gap"] if gaps is None else gaps.drop_nulls()
    whole_longer = (int((gaps > 0).sum()), int((gaps != 0).sum()))
    people = sorted({*choices["annotator"]})
    alone = len(people) == 1
    rates = [
        *([] if alone else [_rate("", "first", *_summed(first.values()))]),
        *([] if alone and whole_longer == _summed(longer.values()) else _set(whole_longer)),
        *(_rate(who, "first", *first.get(who, (0, 0))) for who in people),
        *_lengths(longer, people),
    ]
    return tuple(_reported([rate for rate in rates if rate.trials], level))


def named(rates: Sequence[BiasRate], measure: Measure) -> tuple[BiasRate, ...]:
    """Return the rates of a measure that are reported of annotators."""
    return tuple(r for r in rates if r.reported and r.annotator and r.measure == measure)


def _set(longer: tuple[int, int]) -> list[BiasRate]:
    return [_rate("", "longer", *longer)]


def _lengths(longer: dict[str, tuple[int, int]], people: Sequence[str]) -> Iterator[BiasRate]:
    """Yield each annotator's rate of longer answers, tested against a half and the others."""
    every = _summed(longer.values())
    for who in people:
        hits, trials = longer.get(who, (0, 0))
        rest = every[0] - hits, every[1] - trials
        p_value = half_p_value(hits, trials)
        if rest[1]:
            p_value = max(p_value, rest_p_value(hits, trials, *rest))
        yield _rate(who, "longer", hits, trials, p_value)


def _rate(
    who: str, measure: Measure, hits: int, trials: int, p_value: float | None = None
) -> BiasRate:
    low, high = exact_interval(hits, trials)
    p_value = half_p_value(hits, trials) if p_value is None else p_value
    return BiasRate(who, measure, hits, trials, low, high, p_value)


def _reported(rates: Sequence[BiasRate], level: float) -> Iterator[BiasRate]:
    rejected = holm_rejected([rate.p_value for rate in rates], level)
    for rate, sure in zip(rates, rejected, strict=True):
        yield BiasRate(
            *(rate.annotator, rate.measure, rate.hits, rate.trials, rate.low, rate.high),
            *(rate.p_value, sure and abs(rate.rate - 0.5) >= LEAST_EFFECT),
        )


def _counted(decided: pl.DataFrame, hit: pl.Expr, counts: pl.Expr) -> dict[str, tuple[int, int]]:
    """Return annotator -> (hits, trials)."""
    found = decided.filter(counts).group_by("annotator").agg(hit.sum().alias("n"), pl.len())
    return {who: (int(hits), int(trials)) for who, hits, trials in found.iter_rows()}


def _summed(counts: Any) -> tuple[int, int]:
    pairs = list(counts)
    return sum(hits for hits, _ in pairs), sum(trials for _, trials in pairs)
