"""Counts of a curation: records with each verdict, and how many are left after each screen."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import polars as pl

from goldleaf.core.screen_verdicts import EXACT_DUPLICATE, LEFT_OUT


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
    equal = verdicts.filter(screen=EXACT_DUPLICATE).height
    steps = [
        FunnelStep(
            screen=EXACT_DUPLICATE, before=read, flagged=equal, left_out=equal, after=read - equal
        )
    ]
    others = verdicts.filter(pl.col("screen") != EXACT_DUPLICATE)
    out, flagged = _records(others.filter(pl.col("action").is_in(LEFT_OUT))), _records(others)
    left, removed = read - equal, set[str]()
    ran = [name for name in screens if name != EXACT_DUPLICATE]
    for screen in sorted(ran, key=lambda name: (-len(out.get(name, ())), name)):
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
    return tuple(step for step in steps if step.flagged)


def _records(verdicts: pl.DataFrame) -> dict[str, set[str]]:
    """Return screen -> records with a verdict of it."""
    grouped = verdicts.group_by("screen").agg(pl.col("record").unique())
    return {str(screen): set(records) for screen, records in grouped.iter_rows()}
