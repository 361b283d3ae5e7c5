"""Which screens run on which records and what follows, by the profiles of their sources."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import orjson
import polars as pl

from goldleaf.core.screen_verdicts import LEFT_OUT
from goldleaf.curation.profiles import BY_SOURCE, Profile, profile_of

_SOURCES = ("", *BY_SOURCE)
SUGGESTED = ("flaw", "injection", "pii", "secret")
"""Screens whose findings below a score of `SURE` are only for people to look at: kept, whatever the
profile says of the verdict."""
SURE = 0.5
UNRATED = 3.0
"""What a quality (1 to 5) that is not known counts as where two equals are compared."""
FLAWED = 10.0
"""What a verdict that leaves a record out counts against it there: more than any quality."""


@dataclass(frozen=True)
class Policy:
    """The profile of every record: one for all, or each source's own (None)."""

    profile: Profile | None = None

    def of(self, source: str) -> Profile:
        """Return the profile of the records of a source (`S1`... or empty)."""
        return self.profile or profile_of(source)

    def screens(self) -> tuple[str, ...]:
        """Return the screens that run on any record, sorted."""
        return tuple(sorted({name for source in _SOURCES for name in self.of(source).screens}))

    def key(self) -> str:
        """Return a text that differs where what is kept of two equals may differ."""
        actions = [sorted(self.of(source).actions.items()) for source in _SOURCES]
        return orjson.dumps(actions).decode()

    def actions(self, pairs: Iterable[tuple[str, str]]) -> pl.DataFrame:
        """Return source, screen, verdict, action, profile and whether the screen runs, by pairs.

        Args:
            pairs: (screen, verdict).
        """
        named = sorted(set(pairs))
        rows = [
            (source, screen, verdict, action, profile.name, screen in profile.screens)
            for source in _SOURCES
            for profile in [self.of(source)]
            for screen, verdict in named
            for action in [profile.action(screen, verdict)]
        ]
        columns = {name: pl.String for name in ("source", "screen", "verdict", "action", "profile")}
        return pl.DataFrame(rows, schema=columns | {"runs": pl.Boolean}, orient="row")


def only_suggested() -> pl.Expr:
    """Return an expression over `screen` and `score`: whether a finding is only a suggestion."""
    return pl.col("screen").is_in(SUGGESTED) & (pl.col("score") < SURE).fill_null(False)


def preference(records: pl.DataFrame, findings: pl.DataFrame, policy: Policy) -> pl.Series:
    """Return which of two equal records to keep, the higher: quality, less what speaks against it.

    Args:
        records: a frame `RECORDS`.
        findings: of these records (`ROW_FINDINGS`).
        policy: what follows from a verdict.
    """
    pairs = findings.select("screen", "verdict").unique().iter_rows()
    bad = policy.actions((str(s), str(v)) for s, v in pairs).filter(
        pl.col("runs") & pl.col("action").is_in(LEFT_OUT)
    )
    sure = findings.filter(~only_suggested())
    found = sure.select("record", "screen", "verdict").unique()
    found = found.join(records.select("record", "source"), on="record")
    against = found.join(bad, on=["source", "screen", "verdict"]).group_by("record").len("bad")
    joined = records.join(against, on="record", how="left", maintain_order="left")
    quality = pl.col("quality").cast(pl.Float64).fill_null(UNRATED)
    score = quality - FLAWED * pl.col("bad").fill_null(0)
    return joined.select(score.alias("preference")).to_series()
