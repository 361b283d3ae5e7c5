"""Selection: every rule and the plan applied to the examples, with a reason for each dropped."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import polars as pl

from goldleaf.agreement.conflict_policies import NO_STANDING
from goldleaf.agreement.settle import Settlement, settle
from goldleaf.curation.pair_audit.pair_audit import PairAudit, audit_pairs
from goldleaf.curation.pair_audit.pair_columns import pair_schema
from goldleaf.exporters.ingest.behaviours import own_columns
from goldleaf.exporters.ingest.ingest import Ingested
from goldleaf.exporters.ingest.row_order import reordered
from goldleaf.exporters.planning.apply_plan import Balanced, apply_plan
from goldleaf.exporters.planning.behaviour_counts import Count, Pool, counts, pool_counts
from goldleaf.exporters.planning.draft_counts import DraftCount, draft_counts
from goldleaf.exporters.planning.example_places import places_in
from goldleaf.exporters.planning.missing_examples import agreed
from goldleaf.exporters.planning.order import leaving_room, replay_results, staged, with_replays
from goldleaf.exporters.planning.replaced_by import replaced_by
from goldleaf.exporters.planning.results import Conflict
from goldleaf.exporters.planning.targets import evaluated, pool_evaluated
from goldleaf.exporters.rules.hard_examples import NamedSignal, named_signals
from goldleaf.exporters.rules.registry import filters, targets
from goldleaf.exporters.rules.rule import FILTERS_ALONE, Target
from goldleaf.exporters.rules.target_result import TargetResult
from goldleaf.formats.format import OncePerPrompt, Writer
from goldleaf.recipes.recipe import Recipe

SIDES = ("train", "test")


@dataclass(frozen=True)
class Selection:
    """Which examples are written and how often, and why others are not.

    Records are numbers (`Ingested.records`). `kept`: the columns `KEPT`, the recipe's own
    behaviours and the id (16 bytes) of every example that is written; `standings`: how many
    annotators are behind a record, where the recipe asks for it; `why`: record, reason, times (what
    kept examples out); `facts`: fact -> value -> records that gave a row;
    `refused`: format -> reason -> examples that only some formats can hold; `counts`: rows of every
    behaviour; `targets`: every bound of the recipe and what came out; `before`: the same bounds
    over all examples, before any rule; `instead`: record, instead, reason (what replaces it, see
    `replaced_by` and `goldleaf.agreement`); `conflicts`: which constraints of the recipe
    cannot be met together; `signals`: which signals of `hard.signals` the examples have;
    `redacted`: record, code, by, places of what was replaced in the texts of records;
    `pair_audit`: what the kept pairs teach beside what was meant, None without pairs; `drafts`:
    what became of drafts, by model version.
    """

    kept: pl.DataFrame
    standings: pl.DataFrame
    why: pl.DataFrame
    facts: dict[str, dict[str, int]]
    refused: dict[str, dict[str, int]]
    counts: tuple[Count, ...]
    targets: tuple[TargetResult, ...]
    before: tuple[TargetResult, ...]
    instead: pl.DataFrame
    conflicts: tuple[Conflict, ...] = ()
    signals: tuple[NamedSignal, ...] = ()
    redacted: pl.DataFrame = field(default_factory=pl.DataFrame)
    pair_audit: PairAudit | None = None
    drafts: tuple[DraftCount, ...] = ()

    @property
    def shortfalls(self) -> tuple[TargetResult, ...]:
        """Return the results of the bounds of the recipe that are missed."""
        return tuple(result for result in self.targets if result.missed)


KEPT = (
    *("arrival", "place", "use", "side", "copies", "stage", "replays", "good", "behaviours"),
    *("tokens", "sample_key", "prototype", "language"),
)
"""What is still needed of an example once it is selected."""


def select(ingested: Ingested, recipe: Recipe) -> Selection:
    """Return the examples to write and why others are not: all rules and the plan, applied."""
    examples, tables = numbered_examples(ingested), ingested.tables
    asked = targets(recipe)
    pool, before = pool_counts(examples), pool_evaluated(examples, recipe, asked)
    signals = named_signals(examples, recipe)
    votes, claims = tables.votes.load(), tables.claims.load()
    settlement = settle(votes, claims, ingested.rejected(), examples, recipe)
    del votes, claims
    examples, standings = settlement.examples, settlement.standings
    dropped, instead = [_unmade(ingested), _reasons(settlement.dropped)], [_named(settlement)]
    del settlement
    for rule in filters():
        gone = examples.filter(pl.col("number").is_in(rule.dropped(examples, recipe).implode()))
        if gone.height:
            examples = examples.join(gone, on="number", how="anti", maintain_order="left")
            dropped.append(_reasons(gone.with_columns(reason=pl.lit(rule.REASON))))
            instead.append(replaced_by(rule.REASON, gone, examples))
    decided, conflicts = _decided(examples.drop(FILTERS_ALONE), recipe, asked)
    del examples
    dropped.append(_reasons(decided.filter(copies=0)))
    kept = decided.filter(pl.col("copies") > 0)
    del decided
    counted, reached = _written(kept, pool, recipe, asked)
    reached, conflicts = agreed(reached, conflicts, asked)
    pairs = kept.filter(use="dpo").select(list(pair_schema()))
    kept = kept.select(*KEPT, *own_columns(kept))
    return Selection(
        _with_ids(ingested, kept),
        standings,
        pl.concat(dropped).group_by("record", "reason").agg(pl.col("times").sum()),
        _facts(ingested, kept),
        _refused(ingested),
        counted,
        reached,
        before,
        instead=pl.concat(instead),
        conflicts=conflicts,
        signals=signals,
        redacted=_redacted(ingested),
        pair_audit=_pair_audit(ingested, pairs),
        drafts=draft_counts(tables.drafts.load("answer", "updated_at", "version", "outcome")),
    )


PLANS = 6
"""Plans at most, where replays need room; two are nearly always enough."""


def _decided(
    examples: pl.DataFrame, recipe: Recipe, asked: Sequence[Target]
) -> tuple[pl.DataFrame, tuple[Conflict, ...]]:
    """Return the examples with copies, reason, stage and replays, and the recipe's conflicts.

    Replays come on top of a plan. Where a floor or the total would not hold with them, the plan is
    made again with so much room for them, unless that cannot be met.
    """

    def balanced(planned: Recipe, wanted: Sequence[Target]) -> Balanced:
        own = ("record", "arrival", "place", *pair_schema())
        return apply_plan(examples.filter(use="sft", side="train").drop(own), planned, wanted)

    def carried_out(balance: Balanced) -> pl.DataFrame:
        found = examples.select("number")
        found = found.join(balance.copies, on="number", how="left", maintain_order="left")
        reason = found["reason"].fill_null("").cast(pl.Categorical)
        return staged(examples.with_columns(found["copies"].fill_null(1), reason), recipe)

    balance = balanced(recipe, asked)
    kept, planned, wanted = carried_out(balance), recipe, asked
    for _ in range(PLANS - 1):
        planned, wanted, more = leaving_room(kept, recipe, planned, asked, wanted)
        if not more:
            break
        again = balanced(planned, wanted)
        if again.conflicts and not balance.conflicts:
            break
        kept = carried_out(again)
    return kept.with_columns(pl.col("stage").cast(pl.Categorical)), balance.conflicts


def numbered_examples(ingested: Ingested) -> pl.DataFrame:
    """Return the examples in the order of record ids, numbered (`rules.rule.COLUMNS`)."""
    table = ingested.tables.examples
    found = table.load(*(name for name in table.schema if name != "id"))
    order = found.select(pl.arg_sort_by("arrival", "place"))["arrival"]
    found = reordered(found, order)
    side = pl.when("test").then(pl.lit("test")).otherwise(pl.lit("train"))
    found = found.with_columns(
        record="arrival",
        side=side.cast(pl.Enum(SIDES)),
        duplicate_of=_numbers_of(ingested.records, found["duplicate_of"]),
    ).drop("test")
    pairs = ingested.tables.pairs.load()
    at = pl.repeat(None, found.height, dtype=pl.UInt32, eager=True)
    at = at.scatter(places_in(found, pairs), pl.int_range(pairs.height, eager=True))
    pairs = pairs.select(pl.col(list(pair_schema())).gather(at))
    return found.hstack(pairs).with_row_index("number")


def _numbers_of(ids: pl.Series, names: pl.Series) -> pl.Series:
    """Return the numbers of records named as hex digits; null where there is no such record."""
    wanted = names.filter(names != "").unique().to_frame("name")
    wanted = wanted.with_columns(id=pl.col("name").str.decode("hex", strict=False))
    known = ids.to_frame("id").with_row_index("number").join(wanted, on="id")
    numbers = dict(known.select("name", "number").iter_rows())
    if not numbers:
        return pl.repeat(None, names.len(), dtype=pl.UInt32, eager=True)
    return names.replace_strict(numbers, default=None, return_dtype=pl.UInt32)


def _unmade(ingested: Ingested) -> pl.DataFrame:
    why = ingested.tables.why.load()
    return why.select("reason", "times", record="arrival").select("record", "reason", "times")


def _reasons(gone: pl.DataFrame) -> pl.DataFrame:
    reason = pl.col("reason").cast(pl.Categorical)
    return gone.select("record", reason, pl.lit(1, pl.UInt64).alias("times"))


def _named(settlement: Settlement) -> pl.DataFrame:
    """Return record, instead and reason of those that another record replaces."""
    named = settlement.dropped.drop_nulls("instead").select("record", "instead", "reason")
    return named.unique(["record", "reason"], keep="first", maintain_order=True)


def _written(
    kept: pl.DataFrame, pool: Pool, recipe: Recipe, asked: Sequence[Target]
) -> tuple[tuple[Count, ...], tuple[TargetResult, ...]]:
    """Return the rows of every behaviour, and what came out of every bound."""
    written = with_replays(kept)
    reached = (*evaluated(written, recipe, asked), *replay_results(kept, recipe))
    return counts(pool, written), reached


def _pair_audit(ingested: Ingested, pairs: pl.DataFrame) -> PairAudit | None:
    """Return the audit of the kept pairs, and of all choices of annotators; None without pairs."""
    return audit_pairs(pairs, ingested.tables.choices.load()) if pairs.height else None


def _redacted(ingested: Ingested) -> pl.DataFrame:
    return ingested.tables.redacted.load().rename({"arrival": "record"})


def selected_rows(
    ingested: Ingested, selection: Selection, writers: Sequence[Writer], recipe: Recipe
) -> pl.DataFrame:
    """Return every row of a kept example: its place in the spool, and what orders it.

    Columns: those of `ExampleTables.rows`, and of `Selection.kept` id, side, copies, good, stage
    and replays; prompt where a format has one row for each.
    """
    columns = ("id", "side", "copies", "good", "stage", "replays")
    key = ["arrival", "place"]
    rows = ingested.tables.rows.load()
    places = places_in(selection.kept, rows)
    rows = rows.filter(places.is_not_null())
    rows = rows.hstack(selection.kept.select(pl.col(columns).gather(places.drop_nulls())))
    if any(isinstance(writer, OncePerPrompt) for writer in writers):
        rows = rows.join(ingested.tables.examples.load(*key, "prompt"), on=key)
    if not recipe.conflicts.is_soft:
        return rows
    joined = rows.join(selection.standings, on="arrival", how="left")
    return joined.with_columns(pl.col(name).fill_null(none) for name, none in NO_STANDING.items())


def _with_ids(ingested: Ingested, kept: pl.DataFrame) -> pl.DataFrame:
    """Return the kept examples with their ids (16 bytes)."""
    table = ingested.tables.examples
    places = places_in(kept, table.load("arrival", "place")).to_frame("place")
    spots = places.with_row_index("spot").drop_nulls().sort("place")["spot"]
    return kept.with_columns(table.load("id")["id"].gather(spots))


def _facts(ingested: Ingested, kept: pl.DataFrame) -> dict[str, dict[str, int]]:
    """Return fact -> value -> records, sorted."""
    exported = ingested.tables.facts.load().join(kept, on="arrival", how="semi")
    found: dict[tuple[str, str], int] = {}
    for code, count in exported.group_by("code").len().iter_rows():
        for fact in ingested.tables.known[int(code)]:
            found[fact] = found.get(fact, 0) + count
    facts: dict[str, dict[str, int]] = {}
    for (fact, value), count in sorted(found.items()):
        facts.setdefault(fact, {})[value] = count
    return facts


def _refused(ingested: Ingested) -> dict[str, dict[str, int]]:
    counted = ingested.tables.refused.load().group_by("format", "reason").len()
    refused: dict[str, dict[str, int]] = {}
    for format, reason, count in counted.sort("format", "reason").iter_rows():
        refused.setdefault(format, {})[reason] = count
    return refused
