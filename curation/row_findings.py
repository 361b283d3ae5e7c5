"""Row screens applied to batches of records; what a screen cannot read becomes a verdict."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import polars as pl

from goldleaf.core.screen_verdicts import FAILED
from goldleaf.curation.screens.screen import FINDINGS, Screen

ROW_FINDINGS = {"record": pl.String, "screen": pl.String} | {
    name: kind for name, kind in FINDINGS.items() if name != "row"
}
"""One row a finding, as `FINDINGS`, with the record's id and the screen's name."""


def row_findings(
    records: pl.DataFrame, texts: pl.DataFrame, screens: Mapping[str, Screen]
) -> pl.DataFrame:
    """Return the findings (`ROW_FINDINGS`) of some screens in one batch.

    A screen that fails on a batch is asked again row by row, so that only the rows that it cannot
    read have the verdict `failed`.
    """
    ids = records.select("row", "record")
    found = [_found(screen, records, texts) for screen in screens.values()]
    named = [
        part.join(ids, on="row").with_columns(screen=pl.lit(name)).select(list(ROW_FINDINGS))
        for name, part in zip(screens, found, strict=True)
    ]
    return pl.concat(named) if named else pl.DataFrame(schema=ROW_FINDINGS)


def _found(screen: Screen, records: pl.DataFrame, texts: pl.DataFrame) -> pl.DataFrame:
    try:
        return _checked(screen.screen(records, texts))
    except Exception:
        return pl.concat([_of_one(screen, records, texts, row) for row in records["row"]])


def _of_one(screen: Screen, records: pl.DataFrame, texts: pl.DataFrame, row: int) -> pl.DataFrame:
    one, its = records.filter(row=row), texts.filter(row=row)
    try:
        return _checked(screen.screen(one, its))
    except Exception as error:  # a screen may be another package's: whatever it raises is reported
        reason = f"{type(error).__name__}: {error}"[:200]
        failed = {"row": row, "verdict": FAILED, "reason": reason}
        return pl.DataFrame([failed], schema=FINDINGS)


def _checked(found: pl.DataFrame) -> pl.DataFrame:
    """Return findings with every column of `FINDINGS`: all but row and verdict may be left out."""
    given = {*found.columns, "row", "verdict"}
    return found.select(
        [
            (pl.col(name) if name in given else pl.lit(None)).cast(kind).alias(name)
            for name, kind in FINDINGS.items()
        ]
    ).with_columns(pl.col("reason", "of").fill_null(""))


def concat_findings(parts: Iterable[pl.DataFrame]) -> pl.DataFrame:
    """Return findings of several batches as one frame, in a fixed order."""
    found = pl.concat([pl.DataFrame(schema=ROW_FINDINGS), *parts])
    return found.sort("record", "screen", "verdict", "field", "start", "end", "of", nulls_last=True)
