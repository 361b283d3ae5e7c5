"""`curation.parquet`: one row a verdict, with where the record comes from and what follows.

Row screens, screens that compare records, and equal records all end here. A verdict of a screen
that the profile of a record's source does not run is left out.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from goldleaf.core.screen_verdicts import EXACT_DUPLICATE
from goldleaf.curation.policy import Policy, only_suggested

VERDICTS = {
    "record": pl.String,
    "file": pl.String,
    "line": pl.Int64,
    "screen": pl.String,
    "verdict": pl.String,
    "reason": pl.String,
    "of": pl.String,
    "score": pl.Float64,
    "field": pl.String,
    "start": pl.Int32,
    "end": pl.Int32,
    "action": pl.String,
    "profile": pl.String,
}
"""Columns: `record` id; `file` and `line` (or `project:N` and task) that it was read from; `of` the
record or evaluation row that it is like, or the name of its template; `score` 0 to 1; `field`,
`start`, `end` where in its texts (characters, end excluded); `action` by the profile,
`profile` its name, "" where it keeps the record."""

_ORDER = ("record", "screen", "verdict", "field", "start", "end", "of", "file", "line", "reason")


def verdict_table(
    findings: Sequence[pl.DataFrame], arrivals: pl.DataFrame, sources: pl.DataFrame, policy: Policy
) -> pl.DataFrame:
    """Return all verdicts (`VERDICTS`), sorted.

    Args:
        findings: frames with record, screen, verdict and any other columns of `VERDICTS`.
        arrivals: where each record comes from (`goldleaf.curation.record_store.ARRIVALS`); the
            first place of a record is its own, the others are equal records.
        sources: record and source.
        policy: the profiles.
    """
    first = arrivals.unique("record", keep="first", maintain_order=True)
    parts = [_whole(frame).join(first, on="record", how="left") for frame in findings]
    parts.append(_equal_records(arrivals, first))
    found = pl.concat(
        [part.select(sorted(VERDICTS.keys() - {"action", "profile"})) for part in parts]
    )
    pairs = found.select("screen", "verdict").unique().iter_rows()
    actions = policy.actions((str(screen), str(verdict)) for screen, verdict in pairs)
    found = found.join(sources, on="record", how="left").join(
        actions, on=["source", "screen", "verdict"], how="left"
    )
    found = found.filter(pl.col("runs").fill_null(False)).with_columns(
        action=pl.when(only_suggested()).then(pl.lit("keep")).otherwise("action")
    )
    kept = pl.col("action") == "keep"
    found = found.with_columns(profile=pl.when(kept).then(pl.lit("")).otherwise("profile"))
    return found.select(list(VERDICTS)).sort(*_ORDER, nulls_last=True)


def _whole(frame: pl.DataFrame) -> pl.DataFrame:
    """Return findings with every column of a verdict, those that are missing empty."""
    rest = VERDICTS.keys() - {"file", "line", "action", "profile"}
    return frame.select(
        [
            (pl.col(name) if name in frame.columns else pl.lit(None))
            .cast(VERDICTS[name])
            .alias(name)
            for name in rest
        ]
    ).with_columns(pl.col("reason", "of").fill_null(""))


def _equal_records(arrivals: pl.DataFrame, first: pl.DataFrame) -> pl.DataFrame:
    """Return a verdict for every place of a record but its first."""
    more = arrivals.filter(pl.int_range(pl.len()).over("record") > 0)
    screen, verdict = EXACT_DUPLICATE, "duplicate"
    made = _whole(
        more.select(
            "record", screen=pl.lit(screen), verdict=pl.lit(verdict), of="record", score=pl.lit(1.0)
        )
    )
    return pl.concat([made, more.select("file", "line")], how="horizontal")
