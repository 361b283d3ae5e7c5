"""Selection: every rule and the plan applied to the examples, with a reason for each dropped."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import polars as pl

from goldleaf.agreement.conflict_policies import NO_STANDING
from goldleaf.agreement.settle import settle
from goldleaf.curation.pair_audit.pair_audit import PairAudit, audit_pairs
from goldleaf.exporters.ingest.ingest import Ingested
from goldleaf.exporters.planning.apply_plan import apply_plan
from goldleaf.exporters.planning.behaviour_counts import Count, counts
from goldleaf.exporters.planning.draft_counts import DraftCount, draft_counts
from goldleaf.exporters.planning.order import leaving_room, replay_results, staged, with_replays
from goldleaf.exporters.planning.replaced_by import replaced_by
from goldleaf.exporters.planning.results import Conflict
from goldleaf.exporters.planning.targets import evaluated, pool_evaluated
from goldleaf.exporters.rules.hard_examples import NamedSignal, named_signals
from goldleaf.exporters.rules.registry import filters, targets
from goldleaf.exporters.rules.rule import Target
from goldleaf.exporters.rules.target_result import TargetResult
from goldleaf.recipes.recipe import Recipe


@dataclass(frozen=True)
class Selection:
    """Which examples are written and how often, and why others are not.

    `kept`: record, id, use, side, copies, stage, replays...; `rows`: record, id, side, copies,
    good, stage, replays and the place in the spool of every row of a kept example; `why`: record,
    reason, times (what kept examples out); `facts`: fact -> value -> records that gave a row;
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
    rows: pl.DataFrame
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


def select(ingested: Ingested, recipe: Recipe) -> Selection:
    """Return the examples to write and why others are not: all rules and the plan, applied."""
    all_examples = numbered_examples(ingested)
    tables = ingested.tables
    settlement = settle(tables.votes, tables.claims, ingested.answers, all_examples, recipe)
    examples, dropped = settlement.examples, [_unmade(ingested), _reasons(settlement.dropped)]
    instead = [_named(settlement.dropped)]
    for rule in filters():
        gone = examples.filter(pl.col("number").is_in(rule.dropped(examples, recipe).implode()))
        if gone.height:
            examples = examples.join(gone, on="number", how="anti", maintain_order="left")
            dropped.append(_reasons(gone.with_columns(reason=pl.lit(rule.REASON))))
            instead.append(replaced_by(rule.REASON, gone, examples))
    asked = targets(recipe)
    decided, conflicts = _decided(examples, recipe, asked)
    dropped.append(_reasons(decided.filter(copies=0)))
    kept = decided.filter(pl.col("copies") > 0)
    written = with_replays(kept)
    return Selection(
        kept,
        _with_standings(_rows(ingested, kept), settlement.standings, recipe),
        pl.concat(dropped).group_by("record", "reason").agg(pl.col("times").sum()),
        _facts(ingested, kept),
        _refused(ingested),
        counts(all_examples, written),
        (*evaluated(written, recipe, asked), *replay_results(kept, recipe)),
        pool_evaluated(all_examples, recipe, asked),
        instead=pl.concat(instead),
        conflicts=conflicts,
        signals=named_signals(all_examples, recipe),
        redacted=_redacted(ingested),
        pair_audit=_pair_audit(ingested, kept),
        drafts=draft_counts(tables.drafts),
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
    to_balance = examples.filter(use="sft", side="train")

    def carried_out(copies: pl.DataFrame) -> pl.DataFrame:
        kept = examples.join(copies, on="number", how="left", maintain_order="left")
        kept = kept.with_columns(pl.col("copies").fill_null(1), pl.col("reason").fill_null(""))
        return staged(kept, recipe)

    balance = apply_plan(to_balance, recipe, asked)
    kept, planned, wanted = carried_out(balance.copies), recipe, asked
    for _ in range(PLANS - 1):
        planned, wanted, more = leaving_room(kept, recipe, planned, asked, wanted)
        if not more:
            break
        again = apply_plan(to_balance, planned, wanted)
        if again.conflicts and not balance.conflicts:
            break
        kept = carried_out(again.copies)
    return kept, balance.conflicts


def numbered_examples(ingested: Ingested) -> pl.DataFrame:
    """Return the examples in the order of record ids, numbered."""
    found = ingested.tables.examples.join(ingested.records, on="arrival")
    found = found.join(ingested.tables.pairs, on=["arrival", "place"], how="left")
    side = pl.when("test").then(pl.lit("test")).otherwise(pl.lit("train"))
    return found.with_columns(side=side).sort("record", "place").with_row_index("number")


def _unmade(ingested: Ingested) -> pl.DataFrame:
    why = ingested.tables.why.join(ingested.records, on="arrival")
    return why.select("record", "reason", "times")


def _reasons(gone: pl.DataFrame) -> pl.DataFrame:
    return gone.select("record", "reason", pl.lit(1, pl.UInt64).alias("times"))


def _named(gone: pl.DataFrame) -> pl.DataFrame:
    """Return record, instead and reason of those that another record replaces."""
    named = gone.drop_nulls("instead").select("record", "instead", "reason")
    return named.unique(["record", "reason"], keep="first", maintain_order=True)


def _pair_audit(ingested: Ingested, kept: pl.DataFrame) -> PairAudit | None:
    """Return the audit of the kept pairs, and of all choices of annotators; None without pairs."""
    pairs = kept.filter(use="dpo")
    return audit_pairs(pairs, ingested.tables.choices) if pairs.height else None


def _redacted(ingested: Ingested) -> pl.DataFrame:
    found = ingested.tables.redacted.join(ingested.records, on="arrival")
    return found.select("record", "code", "by", "places")


def _rows(ingested: Ingested, kept: pl.DataFrame) -> pl.DataFrame:
    columns = ("record", "id", "side", "copies", "good", "stage", "replays", "prompt")
    selected = kept.select("arrival", "place", *columns)
    return ingested.tables.rows.join(selected, on=["arrival", "place"])


def _with_standings(rows: pl.DataFrame, standings: pl.DataFrame, recipe: Recipe) -> pl.DataFrame:
    """Return the rows with how many annotators are behind each, where the recipe asks for it."""
    if not recipe.conflicts.is_soft:
        return rows
    joined = rows.join(standings, on="arrival", how="left")
    return joined.with_columns(pl.col(name).fill_null(none) for name, none in NO_STANDING.items())


def _facts(ingested: Ingested, kept: pl.DataFrame) -> dict[str, dict[str, int]]:
    """Return fact -> value -> records, sorted."""
    exported = ingested.tables.facts.join(kept, on="arrival", how="semi")
    found: dict[tuple[str, str], int] = {}
    for code, count in exported.group_by("code").len().iter_rows():
        for fact in ingested.tables.known[int(code)]:
            found[fact] = found.get(fact, 0) + count
    facts: dict[str, dict[str, int]] = {}
    for (fact, value), count in sorted(found.items()):
        facts.setdefault(fact, {})[value] = count
    return facts


def _refused(ingested: Ingested) -> dict[str, dict[str, int]]:
    counted = ingested.tables.refused.group_by("format", "reason").len()
    refused: dict[str, dict[str, int]] = {}
    for format, reason, count in counted.sort("format", "reason").iter_rows():
        refused.setdefault(format, {})[reason] = count
    return refused
