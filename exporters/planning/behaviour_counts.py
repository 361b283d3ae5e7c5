"""Counts of examples and rows by behaviour, before any rule and as written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, TypeAlias

import polars as pl

from goldleaf.exporters.ingest.behaviours import behaviours_in, own_columns, shows_any
from goldleaf.exporters.ingest.examples import USES, Use


@dataclass(frozen=True, slots=True)
class Count:
    """Examples of one use with one behaviour (`""`: all of that use).

    `before`: examples that could be written, before any rule; `examples`: distinct ones written to
    train; `train`: rows of these, repeats counted; `test`: rows held out; `share` and `token_share`
    of the training rows of that use (tokens are estimated).
    """

    use: Use
    behaviour: str
    before: int
    examples: int
    train: int
    test: int
    share: float
    token_share: float

    def plain(self) -> dict[str, Any]:
        """Return the count as it goes into the manifest."""
        return asdict(self)


Pool: TypeAlias = Mapping[tuple[Use, str], int]
"""Use and behaviour (`""`: all of that use) -> examples, where there are any; in their order."""


def pool_counts(examples: pl.DataFrame) -> Pool:
    """Count examples by use and behaviour.

    Args:
        examples: use, behaviours of all examples, before any rule.
    """
    found: dict[tuple[Use, str], int] = {}
    shown = examples.select("use", "behaviours", *own_columns(examples))
    for use in USES:
        of_use = shown.filter(use=use)
        for behaviour in ("", *behaviours_in(shown)):
            some = int(of_use.select(_has(behaviour).sum()).item()) if behaviour else of_use.height
            if some:
                found[use, behaviour] = some
    return found


def counts(before: Pool, kept: pl.DataFrame) -> tuple[Count, ...]:
    """Count examples and rows by use and behaviour; those that no example shows are left out.

    Args:
        before: all examples, counted.
        kept: use, behaviours, side, copies, tokens of those written.
    """
    found: list[Count] = []
    tokens = pl.col("tokens") * pl.col("copies")
    columns = ("use", "side", "copies", "tokens", "behaviours", *own_columns(kept))
    for use in USES:
        now = kept.select(columns).filter(use=use)
        train, test = now.filter(side="train"), now.filter(side="test")
        rows, length = int(train["copies"].sum()), int(train.select(tokens.sum()).item())
        for behaviour in [behaviour for of, behaviour in before if of == use]:
            written = train.filter(_has(behaviour))
            counted = int(written["copies"].sum())
            long = int(written.select(tokens.sum()).item())
            found.append(
                Count(
                    use,
                    behaviour,
                    before[use, behaviour],
                    written.height,
                    counted,
                    test.filter(_has(behaviour)).height,
                    round(counted / rows, 6) if rows else 0.0,
                    round(long / length, 6) if length else 0.0,
                )
            )
    return tuple(found)


def _has(behaviour: str) -> pl.Expr:
    return shows_any((behaviour,)) if behaviour else pl.lit(value=True)
