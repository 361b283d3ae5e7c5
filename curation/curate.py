"""All screens of a curation, row by row and over the whole set, and their verdicts as one table.

Nothing is dropped: a verdict says what was found, the profile of a record's source what an export
should do, and a recipe what it does.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial, reduce
from pathlib import Path
from typing import Any

import polars as pl

from goldleaf.curation.engines.engine import Engine
from goldleaf.curation.engines.local import Local
from goldleaf.curation.engines.process_pool import ProcessPool
from goldleaf.curation.one_thread import one_thread
from goldleaf.curation.policy import Policy
from goldleaf.curation.record_store import RecordStore
from goldleaf.curation.screened_batches import ScreenedBatches, screen_batches
from goldleaf.curation.screens.registry import row_screens
from goldleaf.curation.set_findings import set_findings, signals_of
from goldleaf.curation.set_screens.set_screen import SetFindings, SetInputs
from goldleaf.curation.verdict_table import verdict_table

Progress = Callable[[str, float], None]


@dataclass(frozen=True, kw_only=True)
class Curation:
    """What was found in a set of records.

    `records`: different ones; `verdicts`: a frame `VERDICTS`; `signals`: a frame `SIGNALS`;
    `behaviours`: a frame `BEHAVIOURS`; `tags`: record and one column a tag; `batches`: the records
    as columns; `facts`: what screens say of the whole set, by name.
    """

    records: int
    verdicts: pl.DataFrame
    signals: pl.DataFrame
    behaviours: pl.DataFrame
    tags: pl.DataFrame
    batches: ScreenedBatches
    facts: dict[str, Any]


@one_thread()
def curate(
    store: RecordStore,
    work: Path,
    policy: Policy,
    evaluations: Sequence[tuple[str, str]] = (),
    progress: Progress = lambda stage, done: None,
    counted: Callable[[int], None] = lambda records: None,
    *,
    evaluation_sets: Sequence[str] = (),
    engine: Engine | None = None,
    pool: ProcessPool | None = None,
) -> Curation:
    """Run every screen that the policy names.

    Args:
        store: the records.
        work: a folder that keeps what is done, so that a killed run goes on.
        policy: which screens run on which records, and what follows.
        evaluations: (id, prompt) of evaluations that must not be trained on.
        progress: called with a stage and how many records it has done.
        counted: called once with the number of records.
        evaluation_sets: names of shipped sets of which the same holds.
        engine: runs the kernels of screens that compare records; on this machine if None.
        pool: other processes that work as well; all is done here if None.

    Raises:
        GoldleafError: a screen that sees the whole set fails, or a process was killed.
    """
    here, named = Local(pool), policy.screens()
    rows = [name for name in row_screens() if name in named]
    progress("screen", 0)
    report = partial(progress, "screen")
    batches = screen_batches(store, work / "rows", rows, policy, report, here, counted)
    inputs = SetInputs(
        batches,
        work,
        evaluations,
        evaluation_sets=evaluation_sets,
        engine=engine or here,
        here=here,
    )
    found = set_findings(inputs, named, progress, pool) if batches.parts else []
    progress("verdicts", 0)
    verdicts = verdict_table(
        [batches.findings, *(each.findings for each in found)],
        store.arrivals(),
        batches.read("record", "source"),
        policy,
    )
    signals = signals_of(found)
    measured = signals.drop_nulls().group_by("name").len().sort("name")
    return Curation(
        records=batches.read("record").height,
        verdicts=verdicts,
        signals=signals,
        behaviours=pl.concat([SetFindings().behaviours, *(each.behaviours for each in found)]),
        tags=_joined([each.tags for each in found if each.tags is not None]),
        batches=batches,
        facts={
            **{name: fact for each in found for name, fact in each.facts.items()},
            "signals": dict(measured.iter_rows()),
        },
    )


def _joined(tags: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """Return the tags of several screens side by side, one row a record."""
    empty = pl.DataFrame(schema={"record": pl.String})
    return reduce(lambda one, other: one.join(other, "record", "full", coalesce=True), tags, empty)
