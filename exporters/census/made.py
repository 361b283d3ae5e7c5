"""What was made of records, as columns; and what several passes made, as one."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from goldleaf.exporters.census.columns import Codes, recoded

if TYPE_CHECKING:
    import polars as pl

Facts = tuple[tuple[str, str], ...]
"""(fact, value) of a record: language, source, licence, annotator, origin (who and how)."""


@dataclass(frozen=True)
class Made:
    """What was made. `arrival` numbers the records in the order they came and means nothing else.

    `examples`: arrival, place (which of its record's), id, and the columns of `rules.rule`;
    `rows`: arrival, place, format, table, shape (code in `shapes`), offset, length, tokens of every
    line in the spool of its format; `why`: arrival, reason, times of what gave no example;
    `refused`: arrival, format, reason of examples that only some formats took; `facts`: arrival,
    code in `known`; `votes` and `claims`: of annotators (`goldleaf.exporters.settlement.votes`).
    """

    examples: pl.DataFrame
    rows: pl.DataFrame
    why: pl.DataFrame
    refused: pl.DataFrame
    facts: pl.DataFrame
    votes: pl.DataFrame
    claims: pl.DataFrame
    known: Sequence[Facts]
    shapes: Sequence[Hashable]

    def each(self, change: Callable[[pl.DataFrame], pl.DataFrame]) -> Made:
        """Return this with all frames changed; each has the column `arrival`."""
        return Made(
            change(self.examples),
            change(self.rows),
            change(self.why),
            change(self.refused),
            change(self.facts),
            change(self.votes),
            change(self.claims),
            self.known,
            self.shapes,
        )

    def only(self, arrivals: pl.DataFrame) -> Made:
        """Return what came of some arrivals; what others left in the spools is not looked at."""
        return self.each(lambda frame: frame.join(arrivals, on="arrival", how="semi"))

    def examples_alone(self) -> Made:
        """Return the examples without all else, which is big and soon done with."""
        return replace(self.each(lambda frame: frame.clear()), examples=self.examples)


def joined(several: Sequence[tuple[int, Made]]) -> Made:
    """Return what several passes made as one; before each, the number its arrivals go up by."""
    import polars as pl

    known, shapes = Codes[Facts](), Codes[Hashable]()
    parts: list[Made] = []
    for by, one in several:
        later = one.each(lambda frame, by=by: moved(frame, "arrival", by))
        rows = recoded(later.rows, "shape", shapes.of(one.shapes))
        parts.append(
            replace(later, rows=rows, facts=recoded(later.facts, "code", known.of(one.known)))
        )
    return Made(
        pl.concat([part.examples for part in parts]),
        pl.concat([part.rows for part in parts]),
        pl.concat([part.why for part in parts]),
        pl.concat([part.refused for part in parts]),
        pl.concat([part.facts for part in parts]),
        pl.concat([part.votes for part in parts]),
        pl.concat([part.claims for part in parts]),
        known.all,
        shapes.all,
    )


def moved(frame: pl.DataFrame, column: str, by: int) -> pl.DataFrame:
    """Return a frame with the numbers of a column so much higher."""
    import polars as pl

    return frame.with_columns(pl.col(column) + pl.lit(by, pl.UInt32)) if by else frame
