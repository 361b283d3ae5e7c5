"""What an export would hold now, without writing one: what is there, wanted, short and empty.

The way is the export's own (census, then selection, with the formats' writers), so a forecast is
what `goldleaf export` would tell of the same answers; only a temporary folder is written.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from fractions import Fraction
from math import ceil
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from goldleaf.core.input_results import InputResult
from goldleaf.core.records import UNSETTLED
from goldleaf.core.translations import Translations
from goldleaf.exporters.census.census import Census, Progress, take_in
from goldleaf.exporters.census.making import Job
from goldleaf.exporters.planning.counts import Count
from goldleaf.exporters.planning.findings import Conflict, Shortfall
from goldleaf.exporters.planning.order import with_replays
from goldleaf.exporters.planning.select import Selection, select
from goldleaf.exporters.planning.strata import is_core, shows
from goldleaf.exporters.recipes.recipe import Recipe
from goldleaf.exporters.report.charts import ShareRow, share_chart
from goldleaf.exporters.rules.catalogue import targets
from goldleaf.formats.format_registry import writer_named

if TYPE_CHECKING:
    import polars as pl

State: TypeAlias = Literal["met", "short", "over"]


@dataclass(frozen=True, slots=True)
class Want:
    """One thing that the recipe wants, and how far it is met.

    `key` is its path in the recipe, `behaviours` what it is about (none: a size). `low`, `high`,
    `before` and `got` are shares from 0 to 1 where `unit` is `share`, else rows; None is no bound.
    `before` is told without any rule. `examples`: distinct ones there are before any rule.
    `annotations`: how many more distinct examples would meet it; 0 where more cannot mend it.
    """

    key: str
    rule: str
    behaviours: tuple[str, ...]
    unit: Literal["share", "rows"]
    low: float | None
    high: float | None
    examples: int
    before: float
    got: float
    state: State
    annotations: int = 0


@dataclass(frozen=True, slots=True)
class Prototype:
    """A capability prototype (S16; `""`: none was named) and its SFT examples.

    `before`: distinct ones before any rule; `examples`, `train`: distinct ones and rows to train.
    """

    name: str
    before: int
    examples: int
    train: int


@dataclass(frozen=True, slots=True)
class Forecast:
    """What an export would hold now.

    `read`: answers; `rejected`: reason -> answers; `dropped`: reason -> examples left out;
    `missing`: behaviours that a share is wanted for and that no example shows.
    """

    read: int
    rejected: Mapping[str, int]
    dropped: Mapping[str, int]
    counts: tuple[Count, ...]
    wants: tuple[Want, ...]
    missing: tuple[str, ...]
    prototypes: tuple[Prototype, ...]
    shortfalls: tuple[Shortfall, ...]
    conflicts: tuple[Conflict, ...]

    @property
    def rows(self) -> int:
        """Return how many rows would be written, test rows and all uses included."""
        return sum(count.train + count.test for count in self.counts if not count.behaviour)

    @property
    def unsettled(self) -> int:
        """Return how many refusals to imitate have a prompt that nobody judged: work to do."""
        return sum(c.before for c in self.counts if (c.use, c.behaviour) == ("sft", UNSETTLED))

    def plain(self) -> dict[str, Any]:
        """Return the forecast as JSON holds it."""
        return asdict(self) | {"rows": self.rows, "unsettled": self.unsettled}


def forecast(
    readings: Iterable[InputResult],
    recipe: Recipe,
    *,
    formats: Sequence[str] = ("trl",),
    progress: Progress | None = None,
) -> Forecast:
    """Tell what an export of these readings would hold; the arguments are those of `export`."""
    writers = [writer_named(name) for name in dict.fromkeys(formats)]
    with tempfile.TemporaryDirectory(prefix="goldleaf-plan-") as name:
        job = Job(recipe, tuple(writer.NAME for writer in writers), Path(name))
        census = take_in(readings, job, progress)
    if progress:
        progress("select", 0)
    return _told(census, select(census, recipe), recipe)


def mix_chart(found: Forecast, words: Translations) -> str:
    """Return the mix of the rows to imitate as an SVG: wanted, got and before, by behaviour."""
    wants = [want for want in found.wants if want.unit == "share"]
    taken = {name for want in wants for name in want.behaviours}
    rows = [
        ShareRow(
            named(want.behaviours, words) or want.key,
            want.got,
            want.low or 0.0,
            1.0 if want.high is None else want.high,
            want.before,
        )
        for want in wants
    ]
    all_before = next((c.before for c in found.counts if c.use == "sft" and not c.behaviour), 0)
    for count in found.counts:
        if count.use == "sft" and count.behaviour and count.behaviour not in taken:
            label = named((count.behaviour,), words)
            rows.append(ShareRow(label, count.share, before=count.before / all_before))
    return share_chart(rows, words, words("plan.chart"))


def named(behaviours: Sequence[str], words: Translations) -> str:
    """Return behaviours for a person."""
    return words("plan.comma").join(words(f"behaviour.{name}") for name in behaviours)


def _told(census: Census, selection: Selection, recipe: Recipe) -> Forecast:
    import polars as pl

    answered = census.links["answer"].unique()
    lost = census.answers.filter(~pl.col("answer").is_in(answered.implode()))
    rejected = lost.group_by("reason").len().sort("reason")
    dropped = selection.why.group_by("reason").agg(pl.col("times").sum()).sort("reason")
    before = census.made.examples
    wants = tuple(_wants(before, selection, recipe))
    return Forecast(
        census.answers.height,
        dict(rejected.iter_rows()),
        dict(dropped.iter_rows()),
        selection.counts,
        wants,
        tuple(name for want in wants if not want.examples and want.low for name in want.behaviours),
        tuple(_prototypes(before, selection)),
        selection.shortfalls,
        selection.conflicts,
    )


def _wants(before: pl.DataFrame, selection: Selection, recipe: Recipe) -> Iterator[Want]:
    """Yield all that the recipe asks for, sizes first."""
    missed: dict[str, list[Shortfall]] = {}
    for short in selection.shortfalls:
        missed.setdefault(short.key, []).append(short)

    def state(*keys: str) -> tuple[State, int]:
        found = [short for key in keys for short in missed.get(key, ())]
        if not found:
            return "met", 0
        over = all(short.got > short.wanted for short in found)
        return ("over" if over else "short"), max(short.annotations for short in found)

    kept = with_replays(selection.kept)
    yield from _sizes(before, kept, recipe, state)
    was, now = before.filter(use="sft"), kept.filter(use="sft", side="train")
    rows = int(now["copies"].sum())
    asked = targets(recipe)
    distinct = {target.name: now.filter(shows(target)).height for target in asked}
    by_name = {target.name: target for target in asked}
    for target in asked:
        there = was.filter(shows(target)).height
        got = int(now.filter(shows(target))["copies"].sum())
        about = (target.key, target.rule, target.behaviours)
        if target.min > 0 or target.max < 1:
            yield Want(
                *about,
                "share",
                target.min or None,
                target.max if target.max < 1 else None,
                there,
                round(there / was.height, 6) if was.height else 0.0,
                round(got / rows, 6) if rows else 0.0,
                # of no rows at all, nothing falls short and nothing is met
                *(state(f"{target.key}.min", f"{target.key}.max") if rows else ("short", 0)),
            )
        if target.beside:
            least = ceil(Fraction(str(target.ratio)) * distinct[target.beside])
            if least:  # a contrast lies outside what it stands beside
                own = shows(target) & ~shows(by_name[target.beside])
                there = was.filter(own).height
                got = int(now.filter(own)["copies"].sum())
                yield Want(*about, "rows", least, None, there, there, got, *state(target.key))


def _sizes(before: pl.DataFrame, kept: pl.DataFrame, recipe: Recipe, state: Any) -> Iterator[Want]:
    """Yield how many rows are wanted, in all, of the core, beside it, and of pairs."""
    import polars as pl

    core = is_core(recipe)
    least, most = recipe.rows_wanted()
    top = recipe.core.max if recipe.core else None
    diverse, pairs = recipe.diverse, recipe.pairs
    sizes = (
        ("total", "S7", "sft", pl.lit(True), least, most, ("total.min", "total.max")),
        ("core", "S8", "sft", core, recipe.core_rows(), top, ("core.size", "core.max")),
        *(
            (("diverse", "S9", "sft", ~core, diverse.min, diverse.max),)
            if diverse.min or diverse.max
            else ()
        ),
        ("pairs", "S6", "dpo", pl.lit(True), pairs.min, None, ("pairs.min",)),
    )
    for name, rule, use, of, low, high, *keys in sizes:
        if low is None and high is None:
            continue
        there = before.filter(pl.col("use") == use, of).height
        now = kept.filter(pl.col("use") == use, pl.col("side") == "train", of)
        got = now.height if name == "core" else int(now["copies"].sum())
        about = keys[0] if keys else (f"{name}.min", f"{name}.max")
        yield Want(name, rule, (), "rows", low, high, there, there, got, *state(*about))


def _prototypes(before: pl.DataFrame, selection: Selection) -> Iterator[Prototype]:
    """Yield every prototype that an SFT example names, the most frequent first."""
    import polars as pl

    was = before.filter(use="sft").group_by("prototype").agg(before=pl.len())
    train = with_replays(selection.kept).filter(use="sft", side="train")
    now = train.group_by("prototype").agg(examples=pl.len(), train=pl.col("copies").sum())
    both = was.join(now, on="prototype", how="left").fill_null(0)
    for row in both.sort("before", "prototype", descending=[True, False]).iter_rows(named=True):
        yield Prototype(row["prototype"], row["before"], row["examples"], row["train"])
