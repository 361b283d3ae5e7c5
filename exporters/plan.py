"""How many rows each kind of example gets: shares met by repeating the short and dropping the long.

The unknown is the total T. Each stock of examples is written as often as

    rows(T) = min(repeat * examples, max(ceil(min * T), min(natural, floor(max * T))))

and T must be the sum of its own rows. rows(T) never falls when T grows, so repeating T <- sum of
rows(T) always ends. That is done twice: in fractions and from above, which finds the greatest such
T and so drops no more than ceilings ask for; then from there in whole rows, floors rounded up and
ceilings down, which repeats no more than floors ask for. For stocks that share no examples both
hold exactly; where rounding leaves no room for both, a floor wins. An example with behaviours of
several targets belongs to one stock and is counted for the others at that stock's average; what
this misses shows in the shares measured afterwards.

A ceiling on the total first thins all stocks alike, their core rows spared (S8), then core rows as
well; floors and ceilings hold at every step, so what is rare is not thinned away. If ceilings would
leave nothing at all, because there is nothing else to stand beside, they are put aside.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from math import ceil, floor

ROUNDS = 10_000
"""More than any sum takes to settle; only overlapping stocks might never."""

CLOSE = 1e-6
"""A fraction of a row below which two totals in fractions count as one."""


@dataclass(frozen=True, slots=True)
class Stock:
    """Distinct examples that are planned together.

    `core` says how many of them are core rows; `low` and `high` bound the share of `counts`, with
    what other stocks hold of it; `also`: other names -> how many of these examples count for them.
    A contrast has `beside`, the stock of whose distinct examples it wants `ratio` times as many.
    """

    name: str
    examples: int
    core: int = 0
    low: Fraction = Fraction(0)
    high: Fraction = Fraction(1)
    beside: str = ""
    ratio: Fraction = Fraction(0)
    also: Mapping[str, int] = field(default_factory=dict[str, int])


@dataclass(frozen=True, slots=True)
class Portion:
    """What a stock gives: `rows` in all; `kept` examples survived the ceiling on the total."""

    rows: int
    kept: int


def plan(stocks: Sequence[Stock], limit: int | None, repeat: int) -> dict[str, Portion]:
    """Return what each stock gives.

    Args:
        stocks: in the order in which examples were dealt to them.
        limit: most rows of all together, or None.
        repeat: how often one example may be written at most.
    """
    natural = [stock.examples for stock in stocks]
    rows = _settled(stocks, natural, repeat, None)
    if limit is not None and sum(rows) > limit:
        natural = _thinned(stocks, repeat, limit)
        rows = _settled(stocks, natural, repeat, limit)
    return {
        stock.name: Portion(row, kept)
        for stock, row, kept in zip(stocks, rows, natural, strict=True)
    }


def _settled(
    stocks: Sequence[Stock], natural: Sequence[int], repeat: int, limit: int | None
) -> list[int]:
    """Return the rows whose sum is the total that they were computed from, `limit` or less."""
    most = sum(stock.examples for stock in stocks) * repeat
    start = most if limit is None else min(most, limit)
    rough = sum(_iterated(stocks, natural, repeat, float(start), whole=False))
    rows = _iterated(stocks, natural, repeat, floor(rough + CLOSE), whole=True)
    if not sum(rows) and sum(natural):
        free = [replace(stock, high=Fraction(1)) for stock in stocks]
        return _settled(free, natural, repeat, limit)
    return [int(row) for row in rows]


def _iterated(
    stocks: Sequence[Stock], natural: Sequence[int], repeat: int, total: float, *, whole: bool
) -> list[float]:
    """Return the rows once their sum is the total that they were computed from."""
    rows: list[float] = [stock.examples * repeat for stock in stocks]
    for _ in range(ROUNDS):
        rows = _rows(stocks, natural, repeat, total, rows, whole=whole)
        moved, total = abs(sum(rows) - total), sum(rows)
        if moved <= (0 if whole else CLOSE * CLOSE):
            break
    return rows


def _rows(
    stocks: Sequence[Stock],
    natural: Sequence[int],
    repeat: int,
    total: float,
    before: Sequence[float],
    *,
    whole: bool,
) -> list[float]:
    """Return the rows of each stock for a given total, in whole rows or in fractions."""
    rows = list(before)
    for at, stock in enumerate(stocks):
        elsewhere = _elsewhere(stocks, rows, stock.name)
        low = stock.low * Fraction(total) - elsewhere
        high = stock.high * Fraction(total) - elsewhere
        if stock.beside:
            low = max(low, stock.ratio * Fraction(_distinct(stocks, rows, stock.beside)))
        least, most = (ceil(low), floor(high)) if whole else (float(low), float(high))
        rows[at] = min(max(least, min(natural[at], most), 0), stock.examples * repeat)
    return rows


def _elsewhere(stocks: Sequence[Stock], rows: Sequence[float], name: str) -> Fraction:
    """Return how many rows other stocks are thought to give that count for `name`."""
    return sum(
        (
            Fraction(row) * stock.also[name] / stock.examples
            for stock, row in zip(stocks, rows, strict=True)
            if name in stock.also and stock.examples
        ),
        Fraction(0),
    )


def _distinct(stocks: Sequence[Stock], rows: Sequence[float], name: str) -> float:
    return sum(
        min(row, stock.examples)
        for stock, row in zip(stocks, rows, strict=True)
        if stock.name == name
    )


def _thinned(stocks: Sequence[Stock], repeat: int, limit: int) -> list[int]:
    """Return how many examples of each stock are kept so that `limit` holds, as many as can be."""
    cores = [stock.core for stock in stocks]

    def fits(kept: Sequence[int]) -> bool:
        most = [stock.examples * repeat for stock in stocks]
        return sum(_rows(stocks, kept, repeat, limit, most, whole=True)) <= limit

    spared = cores if fits(cores) else [0] * len(stocks)
    turns = _Turns([s.examples - core for s, core in zip(stocks, spared, strict=True)])

    def kept(step: int) -> list[int]:
        return [core + more for core, more in zip(spared, turns.first(step), strict=True)]

    return kept(_greatest(lambda step: fits(kept(step)), turns.total))


class _Turns:
    """Examples of several stocks taken by turns, so that every stock shrinks by the same share."""

    def __init__(self, sizes: Sequence[int]) -> None:
        import numpy as np

        self.sizes = sizes
        self.total = sum(sizes)
        keys = [(np.arange(size) + 0.5) / max(size, 1) for size in sizes]
        owners = np.repeat(np.arange(len(sizes)), sizes)
        self.order = owners[np.argsort(np.concatenate(keys), kind="stable")]

    def first(self, step: int) -> list[int]:
        """Return how many of the first `step` turns each stock has."""
        import numpy as np

        return np.bincount(self.order[:step], minlength=len(self.sizes)).tolist()


def _greatest(holds: Callable[[int], bool], most: int) -> int:
    """Return the greatest number up to `most` for which something holds that holds below it."""
    least = 0
    while least < most:
        middle = (least + most + 1) // 2
        least, most = (middle, most) if holds(middle) else (least, middle - 1)
    return least
