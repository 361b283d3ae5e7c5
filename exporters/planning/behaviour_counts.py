"""Counts of examples and rows by behaviour, before any rule and as written."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import polars as pl

from goldleaf.exporters.ingest.behaviours import behaviours_in, shows_any
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


def counts(before: pl.DataFrame, kept: pl.DataFrame) -> tuple[Count, ...]:
    """Count examples and rows by use and behaviour; those that no example shows are left out.

    Args:
        before: use, behaviours of all examples.
        kept: use, behaviours, side, copies, tokens of those written.
    """
    found: list[Count] = []
    tokens = pl.col("tokens") * pl.col("copies")
    for use in USES:
        was, now = before.filter(use=use), kept.filter(use=use)
        train = now.filter(side="train")
        rows, length = int(train["copies"].sum()), int(train.select(tokens.sum()).item())
        for behaviour in ("", *behaviours_in(before)):
            has = shows_any((behaviour,)) if behaviour else pl.lit(True)
            if not (some := was.filter(has).height):
                continue
            written = train.filter(has)
            counted = int(written["copies"].sum())
            long = int(written.select(tokens.sum()).item())
            found.append(
                Count(
                    use,
                    behaviour,
                    some,
                    written.height,
                    counted,
                    now.filter(has, side="test").height,
                    round(counted / rows, 6) if rows else 0.0,
                    round(long / length, 6) if length else 0.0,
                )
            )
    return tuple(found)
