"""A dry run of an export (`goldleaf plan`): what it would contain, and which targets it misses.

It runs the same steps as an export (ingest, then select, with the formats' writers), so it reports
what `goldleaf export` would; only a temporary folder is written.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import polars as pl

from goldleaf.core.charts import share_chart
from goldleaf.core.input_results import InputResult
from goldleaf.core.notebook import Section, Shown
from goldleaf.core.records import UNSETTLED
from goldleaf.core.translations import Translations
from goldleaf.curation.pair_audit.pair_audit import PairAudit
from goldleaf.exporters.ingest.build_examples import IngestConfig
from goldleaf.exporters.ingest.ingest import Ingested, Progress, ingest
from goldleaf.exporters.ingest.spill_files import temporary_folder
from goldleaf.exporters.planning.behaviour_counts import Count
from goldleaf.exporters.planning.order import with_replays
from goldleaf.exporters.planning.results import Conflict
from goldleaf.exporters.planning.select import Selection, select
from goldleaf.exporters.planning.targets import TargetRow, grouped
from goldleaf.exporters.report.mix_charts import mix_rows
from goldleaf.exporters.rules.hard_examples import NamedSignal
from goldleaf.exporters.rules.target_result import TargetResult
from goldleaf.recipes.recipe import Recipe
from goldleaf.trainers.registry import writer_named

SIZES = ("total", "core", "diverse", "pairs")
"""Sizes that a plan lists, met or not; of other bounds only those that are missed."""


@dataclass(frozen=True, slots=True)
class Prototype:
    """A capability prototype (S16; `""`: none was named) and its SFT examples.

    `before`: distinct ones before any rule; `examples`, `train`: distinct ones and rows to train.
    """

    name: str
    before: int
    examples: int
    train: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DryRun(Shown):
    """The result of a dry run: what an export would contain now.

    `read`: answers; `rejected`: reason -> answers; `dropped`: reason -> examples left out;
    `wants`: what the recipe asks for, with what would come out; `missing`: behaviours that a share
    is wanted for and that no example shows; `shortfalls`: every bound that is missed; `signals`:
    which signals of `hard.signals` the examples have; `pair_audit`: what the preference pairs teach
    beside what was meant, None without pairs.
    """

    read: int
    rejected: Mapping[str, int]
    dropped: Mapping[str, int]
    counts: tuple[Count, ...]
    wants: tuple[TargetRow, ...]
    missing: tuple[str, ...]
    prototypes: tuple[Prototype, ...]
    shortfalls: tuple[TargetResult, ...]
    conflicts: tuple[Conflict, ...]
    signals: tuple[NamedSignal, ...]
    pair_audit: PairAudit | None = None

    @property
    def rows(self) -> int:
        """Return how many rows a format would get: of all uses, test and repeats included."""
        return sum(count.train + count.test for count in self.counts if not count.behaviour)

    @property
    def unsettled(self) -> int:
        """Return how many SFT refusals, before any rule, have a prompt that was not judged yet."""
        return sum(c.before for c in self.counts if (c.use, c.behaviour) == ("sft", UNSETTLED))

    def sections(self, words: Translations) -> Iterator[Section]:
        """Return the sections that `goldleaf plan` prints."""
        from goldleaf.exporters.report.plan_summary import plan_sections

        found: Any = self  # type checkers know this file by two paths
        return plan_sections(found, words)

    def mix_chart(self, words: Translations) -> str:
        """Return the mix of the SFT rows as an SVG: wanted, got and before, by behaviour."""
        rows = mix_rows("sft", self.wants, self.counts, words)
        return share_chart(rows, words, words("plan.chart"))

    def plain(self) -> dict[str, Any]:
        """Return the dry run as JSON-able values, as `goldleaf plan --json` prints them."""
        results: dict[str, Any] = {
            "wants": [want.plain() for want in self.wants],
            "shortfalls": [result.plain() for result in self.shortfalls],
        }
        results["pair_audit"] = self.pair_audit.plain() if self.pair_audit else None
        return asdict(self) | results | {"rows": self.rows, "unsettled": self.unsettled}


def dry_run(
    readings: Iterable[InputResult],
    recipe: Recipe,
    *,
    formats: Sequence[str] = ("trl",),
    progress: Progress | None = None,
) -> DryRun:
    """Return what an export of these inputs would contain, writing none; arguments as `export`.

    Raises:
        UsageError: an input is missing or may not be read.
        GoldleafError: the disk of temporary files is full.
    """
    writers = [writer_named(name) for name in dict.fromkeys(formats)]
    with temporary_folder("goldleaf-plan-") as folder:
        config = IngestConfig(recipe, tuple(writer.NAME for writer in writers), folder)
        ingested = ingest(readings, config, progress)
        if progress:
            progress("select", 0)
        return _dry_run(ingested, select(ingested, recipe))


def _dry_run(ingested: Ingested, selection: Selection) -> DryRun:
    answered = ingested.links["answer"].unique()
    lost = ingested.answers.load(
        "answer", "reason", where=~pl.col("answer").is_in(answered.implode())
    )
    rejected = lost.group_by("reason").len().sort("reason")
    dropped = selection.why.group_by("reason").agg(pl.col("times").sum()).sort("reason")
    wants = tuple(
        row
        for row in grouped(selection.targets, selection.before)
        if row.key in SIZES or row.behaviours
        if row.low or row.high is not None  # a contrast to nothing asks for nothing
    )
    return DryRun(
        read=ingested.answers.height,
        rejected=dict(rejected.iter_rows()),
        dropped=dict(dropped.iter_rows()),
        counts=selection.counts,
        wants=wants,
        missing=tuple(
            name for want in wants if not want.examples and want.low for name in want.behaviours
        ),
        prototypes=tuple(_prototypes(ingested.tables.examples.load("use", "prototype"), selection)),
        shortfalls=selection.shortfalls,
        conflicts=selection.conflicts,
        signals=selection.signals,
        pair_audit=selection.pair_audit,
    )


def _prototypes(before: pl.DataFrame, selection: Selection) -> Iterator[Prototype]:
    """Yield every prototype that an SFT example names, the most frequent first."""
    was = before.filter(use="sft").group_by("prototype").agg(before=pl.len())
    train = with_replays(selection.kept).filter(use="sft", side="train")
    now = train.group_by("prototype").agg(examples=pl.len(), train=pl.col("copies").sum())
    both = was.join(now, on="prototype", how="left").fill_null(0)
    for row in both.sort("before", "prototype", descending=[True, False]).iter_rows(named=True):
        yield Prototype(row["prototype"], row["before"], row["examples"], row["train"])
