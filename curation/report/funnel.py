"""Counts of a curation: records with each verdict, and how many are left after each screen."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import polars as pl

LEFT_OUT = ("drop", "review")
"""Actions that keep a record out of an export."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VerdictCount:
    """One verdict: records that have it, and what the profiles do with them."""

    screen: str
    verdict: str
    records: int
    actions: dict[str, int]

    def plain(self) -> dict[str, Any]:
        """Return the counts as JSON."""
        return asdict(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class FunnelStep:
    """One screen: records that reach it, that it flags, that it leaves out, and that are left."""

    screen: str
    before: int
    flagged: int
    left_out: int
    after: int


def verdict_counts(verdicts: pl.DataFrame) -> tuple[VerdictCount, ...]:
    """Return the counts of every verdict there is, sorted by screen and by records."""
    counted = (
        verdicts.unique(["record", "file", "line", "screen", "verdict", "action"])
        .group_by("screen", "verdict", "action")
        .len()
        .sort("screen", "verdict", "action")
    )
    found: dict[tuple[str, str], dict[str, int]] = {}
    for screen, verdict, action, count in counted.iter_rows():
        found.setdefault((screen, verdict), {})[str(action)] = int(count)
    counts = [
        VerdictCount(screen=s, verdict=v, records=sum(actions.values()), actions=actions)
        for (s, v), actions in found.items()
    ]
    return tuple(sorted(counts, key=lambda one: (one.screen, -one.records, one.verdict)))


def funnel(verdicts: pl.DataFrame, read: int, screens: tuple[str, ...]) -> tuple[FunnelStep, ...]:
    """Return one step a screen, the one that leaves out most of all records first.

    A record that several screens leave out counts at the first of them.

    Args:
        verdicts: a frame `goldleaf.curation.verdict_table.VERDICTS`.
        read: records that were read, equal ones counted each.
        screens: those that ran.
    """
    places = verdicts.with_columns(
        place=pl.struct("record", "file", "line"), out=pl.col("action").is_in(LEFT_OUT)
    )
    equal = places.filter(screen="exact_duplicate")
    gone = set(equal["place"].to_list()) if equal.height else set[Any]()
    steps = [
        FunnelStep(
            screen="exact_duplicate",
            before=read,
            flagged=len(gone),
            left_out=len(gone),
            after=read - len(gone),
        )
    ]
    out = _records(places.filter("out", pl.col("screen") != "exact_duplicate"))
    flagged = _records(places)
    left, removed = read - len(gone), set[str]()
    for screen in sorted(screens, key=lambda name: (-len(out.get(name, ())), name)):
        more = out.get(screen, set[str]()) - removed
        removed |= more
        steps.append(
            FunnelStep(
                screen=screen,
                before=left,
                flagged=len(flagged.get(screen, ())),
                left_out=len(more),
                after=left - len(more),
            )
        )
        left -= len(more)
    return tuple(step for step in steps if step.screen != "exact_duplicate" or step.flagged)


def _records(places: pl.DataFrame) -> dict[str, set[str]]:
    """Return screen -> records with a verdict of it."""
    grouped = places.group_by("screen").agg(pl.col("record").unique())
    return {str(screen): set(records) for screen, records in grouped.iter_rows()}
