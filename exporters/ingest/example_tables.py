"""Tables built from records (examples, rows, drop reasons...), and how parts are concatenated."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, replace

import polars as pl

from goldleaf.exporters.ingest.column_builder import Codes
from goldleaf.exporters.ingest.spilled_table import SpilledTable, concat_tables, recoded, shifted

Facts = tuple[tuple[str, str], ...]
"""(fact, value) of a record: language, source, licence, annotator, origin (who and how)."""


@dataclass(frozen=True)
class ExampleTables:
    """Tables of examples, rows and drop reasons; `arrival` is the number of their record.

    `examples`: arrival, place (which of its record's), id (as 16 bytes), and most columns of
    `rules.rule`;
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

    examples: SpilledTable
    rows: SpilledTable
    why: SpilledTable
    refused: SpilledTable
    facts: SpilledTable
    votes: SpilledTable
    claims: SpilledTable
    redacted: SpilledTable
    pairs: SpilledTable
    choices: SpilledTable
    drafts: SpilledTable
    known: Sequence[Facts]
    shapes: Sequence[Hashable]

    def each(self, change: Callable[[SpilledTable], SpilledTable]) -> ExampleTables:
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

    def numbered(self, numbers: pl.Series) -> ExampleTables:
        """Return the tables with the numbers of records as their arrivals (`SpilledTable`)."""
        return self.each(lambda table: replace(table, numbers=numbers))


def concat_passes_tables(several: Sequence[tuple[int, ExampleTables]]) -> ExampleTables:
    """Return the tables of several reading passes, concatenated.

    Args:
        several: tables, each with the number to add to its arrivals.
    """
    known, shapes = Codes[Facts](), Codes[Hashable]()
    parts: list[ExampleTables] = []
    for by, one in several:
        later = one.each(lambda table, by=by: shifted(table, "arrival", by))
        rows = recoded(later.rows, "shape", shapes.of(one.shapes))
        parts.append(
            replace(later, rows=rows, facts=recoded(later.facts, "code", known.of(one.known)))
        )
    return ExampleTables(
        concat_tables([part.examples for part in parts]),
        concat_tables([part.rows for part in parts]),
        concat_tables([part.why for part in parts]),
        concat_tables([part.refused for part in parts]),
        concat_tables([part.facts for part in parts]),
        concat_tables([part.votes for part in parts]),
        concat_tables([part.claims for part in parts]),
        concat_tables([part.redacted for part in parts]),
        concat_tables([part.pairs for part in parts]),
        concat_tables([part.choices for part in parts]),
        concat_tables([part.drafts for part in parts]),
        known.all,
        shapes.all,
    )
