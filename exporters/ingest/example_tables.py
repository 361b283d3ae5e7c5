"""Tables built from records (examples, rows, drop reasons...), and how parts are concatenated."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, replace

import polars as pl

from goldleaf.exporters.ingest.column_builder import Codes, recoded

Facts = tuple[tuple[str, str], ...]
"""(fact, value) of a record: language, source, licence, annotator, origin (who and how)."""


@dataclass(frozen=True)
class ExampleTables:
    """Tables of examples, rows and drop reasons; `arrival` is the number of their record.

    `examples`: arrival, place (which of its record's), id, and the columns of `rules.rule`;
    `rows`: arrival, place, format, table, shape (code in `shapes`), offset, length, tokens of every
    line in the spill files of its format; `why`: arrival, reason, times of what became no example;
    `refused`: arrival, format, reason of examples that some formats cannot hold; `facts`: arrival,
    code in `known`; `votes` and `claims`: of annotators (`goldleaf.agreement.votes`); `redacted`:
    arrival, code (`SCREEN.VERDICT`), by (the recipe or a profile), places of what was replaced;
    `pairs`: arrival, place and the columns of `curation.pair_audit.pair_columns` of every pair;
    `choices`: arrival and the columns of `curation.pair_audit.choices` of every annotation that
    compared answers; `drafts`: arrival and the columns of `draft_outcomes` of every answer that
    began from a draft.
    """

    examples: pl.DataFrame
    rows: pl.DataFrame
    why: pl.DataFrame
    refused: pl.DataFrame
    facts: pl.DataFrame
    votes: pl.DataFrame
    claims: pl.DataFrame
    redacted: pl.DataFrame
    pairs: pl.DataFrame
    choices: pl.DataFrame
    drafts: pl.DataFrame
    known: Sequence[Facts]
    shapes: Sequence[Hashable]

    def each(self, change: Callable[[pl.DataFrame], pl.DataFrame]) -> ExampleTables:
        """Return the tables with a function applied to each; each has the column `arrival`."""
        return ExampleTables(
            change(self.examples),
            change(self.rows),
            change(self.why),
            change(self.refused),
            change(self.facts),
            change(self.votes),
            change(self.claims),
            change(self.redacted),
            change(self.pairs),
            change(self.choices),
            change(self.drafts),
            self.known,
            self.shapes,
        )

    def only(self, arrivals: pl.DataFrame) -> ExampleTables:
        """Return the tables with only the records that `arrivals` has in its column `arrival`."""
        return self.each(lambda frame: frame.join(arrivals, on="arrival", how="semi"))

    def examples_alone(self) -> ExampleTables:
        """Return the tables with all but `examples` emptied, to free their memory."""
        return replace(self.each(lambda frame: frame.clear()), examples=self.examples)


def concat_tables(several: Sequence[tuple[int, ExampleTables]]) -> ExampleTables:
    """Return the tables of several reading passes, concatenated.

    Args:
        several: tables, each with the number to add to its arrivals.
    """
    known, shapes = Codes[Facts](), Codes[Hashable]()
    parts: list[ExampleTables] = []
    for by, one in several:
        later = one.each(lambda frame, by=by: shifted(frame, "arrival", by))
        rows = recoded(later.rows, "shape", shapes.of(one.shapes))
        parts.append(
            replace(later, rows=rows, facts=recoded(later.facts, "code", known.of(one.known)))
        )
    return ExampleTables(
        pl.concat([part.examples for part in parts]),
        pl.concat([part.rows for part in parts]),
        pl.concat([part.why for part in parts]),
        pl.concat([part.refused for part in parts]),
        pl.concat([part.facts for part in parts]),
        pl.concat([part.votes for part in parts]),
        pl.concat([part.claims for part in parts]),
        pl.concat([part.redacted for part in parts]),
        pl.concat([part.pairs for part in parts]),
        pl.concat([part.choices for part in parts]),
        pl.concat([part.drafts for part in parts]),
        known.all,
        shapes.all,
    )


def shifted(frame: pl.DataFrame, column: str, by: int) -> pl.DataFrame:
    """Return a frame with `by` added to a column of numbers."""
    return frame.with_columns(pl.col(column) + pl.lit(by, pl.UInt32)) if by else frame
