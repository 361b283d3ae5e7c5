"""The statistics of a report, computed from columns: a million rows need a few group-bys."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import get_args

import polars as pl

from goldleaf.exporters.ingest.behaviours import behaviours_in, names_shown, own_columns, shows_any
from goldleaf.exporters.planning.behaviour_counts import Count
from goldleaf.exporters.planning.example_places import places_in
from goldleaf.recipes.sections import Stage

EDGES = (64, 128, 256, 512, 1_024, 2_048, 4_096, 8_192)
"""Where one bar of lengths ends and the next begins, in estimated tokens."""

MOST_PROTOTYPES, MOST_ANNOTATORS, MOST_VERSIONS, OPENING = 20, 20, 20, 12


@dataclass(frozen=True, slots=True)
class BehaviourShare:
    """One behaviour (`""`: all) of one use, with its shares before any rule; all from 0 to 1."""

    count: Count
    before_share: float
    before_tokens: float


@dataclass(frozen=True, slots=True)
class Group:
    """A value of a column: distinct examples that could be written, and rows to train on."""

    value: str
    before: int
    rows: int


@dataclass(frozen=True, slots=True)
class DropReason:
    """How much a reason left out: inputs rejected, records dropped, examples not written."""

    reason: str
    inputs: int
    records: int
    examples: int


@dataclass(frozen=True, slots=True)
class Lengths:
    """Training rows by estimated tokens: (low, high or 0 for open, rows); median and longest."""

    bins: tuple[tuple[int, int, int], ...]
    median: int
    longest: int


def mix(before: pl.DataFrame, counts: Sequence[Count]) -> dict[str, list[BehaviourShare]]:
    """Return use -> shares of its behaviours, before any rule and as written; all rows first.

    Args:
        before: use, behaviours, tokens of every example that could be written.
        counts: what was counted of them and of what is written.
    """
    found: dict[str, list[BehaviourShare]] = {}
    for use in dict.fromkeys(count.use for count in counts):
        of_use = before.filter(use=use)
        whole = int(of_use["tokens"].sum())
        sums = of_use.select(
            pl.col("tokens").filter(shows_any((name,))).sum().alias(name)
            for name in behaviours_in(before)
        ).row(0, named=True)
        tokens = {"": whole, **sums}
        found[use] = [
            BehaviourShare(
                count, count.before / max(of_use.height, 1), tokens[count.behaviour] / (whole or 1)
            )
            for count in counts
            if count.use == use
        ]
    return found


def groups(before: pl.DataFrame, trained: pl.DataFrame, column: str) -> list[Group]:
    """Return rows and examples by value of a column, those with most rows first.

    Args:
        before: `column` of every example that could be written.
        trained: `column` and copies of those written to train.
        column: its name; an absent column has no values.
    """
    if column not in before.columns:
        return []
    was = before.group_by(column).agg(pl.len().alias("before"))
    now = trained.group_by(column).agg(pl.col("copies").sum().alias("rows"))
    joined = was.join(now, on=column, how="left").with_columns(pl.col("rows").fill_null(0))
    joined = joined.sort(["rows", "before", column], descending=[True, True, False])
    return [
        Group(str(v), int(b), int(r))
        for v, b, r in joined.select(column, "before", "rows").iter_rows()
    ]


def lengths(trained: pl.DataFrame) -> Lengths | None:
    """Return the distribution of training rows by estimated tokens; None without rows.

    Args:
        trained: tokens and copies of the examples written to train.
    """
    if not trained.height:
        return None
    over = ((pl.col("tokens") > edge).cast(pl.UInt8) for edge in EDGES)
    number = pl.sum_horizontal(pl.lit(0, pl.UInt8), *over)
    counted = trained.group_by(number.alias("bin")).agg(pl.col("copies").sum())
    rows = {int(bin): int(copies) for bin, copies in counted.select("bin", "copies").iter_rows()}
    last = max(rows)
    lows = (0, *EDGES)
    bins = tuple(
        (lows[n] + 1 if n else 1, EDGES[n] if n < len(EDGES) else 0, rows.get(n, 0))
        for n in range(min(rows), last + 1)
    )
    ordered = trained.group_by("tokens").agg(pl.col("copies").cast(pl.Int64).sum()).sort("tokens")
    half = (int(ordered["copies"].sum()) + 1) // 2
    median = ordered.filter(pl.col("copies").cum_sum() >= half)["tokens"][0]
    longest = ordered["tokens"][-1]
    return Lengths(bins, int(median), int(longest))


def repeats(trained: pl.DataFrame) -> list[tuple[int, int, float]]:
    """Return (times written, examples, share of tokens from 0 to 1), by times.

    Args:
        trained: tokens and copies of the examples written to train.
    """
    counted = (
        trained.group_by("copies").agg(pl.len(), _tokens().alias("tokens")).sort("copies").rows()
    )
    whole = sum(tokens for *_, tokens in counted) or 1
    return [(int(copies), int(count), tokens / whole) for copies, count, tokens in counted]


def of_facts(
    trained: pl.DataFrame, facts: pl.DataFrame, known: Sequence[Iterable[tuple[str, str]]]
) -> dict[str, dict[str, tuple[float, float]]]:
    """Return fact -> value -> shares of the rows and of the tokens to train on, from 0 to 1.

    Args:
        trained: arrival, tokens and copies of the examples written to train.
        facts: arrival and code of every record.
        known: by code, the facts of a record, such as its source and its licence.
    """
    counted = (
        trained.select("arrival", "tokens", "copies")
        .join(facts.select("arrival", "code"), on="arrival")
        .group_by("code")
        .agg(pl.col("copies").cast(pl.Int64).sum().alias("rows"), _tokens().alias("tokens"))
        .rows()
    )
    all_rows, all_tokens = (sum(each[n] for each in counted) or 1 for n in (1, 2))
    found: dict[str, dict[str, tuple[float, float]]] = {}
    for code, rows, tokens in sorted(counted):
        for fact, value in known[int(code)]:
            of = found.setdefault(fact, {})
            before = of.get(value, (0.0, 0.0))
            of[value] = before[0] + rows / all_rows, before[1] + tokens / all_tokens
    return found


def _tokens() -> pl.Expr:
    """Return the tokens to train on: estimated, repeats counted."""
    return (pl.col("tokens").cast(pl.Int64) * pl.col("copies").cast(pl.Int64)).sum()


def refusals(counts: Iterable[Count]) -> int:
    """Return how many distinct SFT examples refuse; a safe completion does not (S12)."""
    return sum(c.examples for c in counts if c.use == "sft" and c.behaviour == "refusal")


def twin_rows(counts: Iterable[Count]) -> int:
    """Return how many SFT training rows are benign twins (S12)."""
    return sum(c.train for c in counts if c.use == "sft" and c.behaviour == "benign_twin")


def drop_reasons(why: pl.DataFrame, counts: Mapping[str, Mapping[str, int]]) -> list[DropReason]:
    """Return how much was left out for each reason, the most first.

    Args:
        why: reason and times of the examples that were left out.
        counts: `rejected` and `dropped` of the manifest: reason -> inputs, reason -> records.
    """
    counted = why.group_by("reason").agg(pl.col("times").sum())
    examples = {str(reason): int(times) for reason, times in counted.iter_rows()}
    rejected, dropped = counts["rejected"], counts["dropped"]
    found = [
        DropReason(name, rejected.get(name, 0), dropped.get(name, 0), examples.get(name, 0))
        for name in sorted({*rejected, *dropped, *examples})
    ]
    return sorted(found, key=lambda gone: -max(gone.inputs, gone.records, gone.examples))


def stages(trained: pl.DataFrame) -> list[tuple[str, int, int, float]]:
    """Return (stage, its own rows, replays, share of tokens) in training order; [] without stages.

    Args:
        trained: stage, tokens, copies and replays of the SFT examples written to train.
    """
    own = {
        stage: (int(rows), int(tokens))
        for stage, rows, tokens in trained.group_by("stage")
        .agg(pl.col("copies").cast(pl.Int64).sum().alias("rows"), _tokens().alias("tokens"))
        .iter_rows()
    }
    again = trained.select("tokens", "replays").explode("replays").drop_nulls("replays")
    replays = {
        stage: (int(rows), int(tokens))
        for stage, rows, tokens in again.group_by("replays")
        .agg(pl.len(), pl.col("tokens").cast(pl.Int64).sum())
        .iter_rows()
    }
    whole = sum(tokens for _, tokens in (*own.values(), *replays.values())) or 1
    none = (0, 0)
    return [
        (
            *(stage, own.get(stage, none)[0], replays.get(stage, none)[0]),
            (own.get(stage, none)[1] + replays.get(stage, none)[1]) / whole,
        )
        for stage in get_args(Stage)
        if stage in own or stage in replays
    ]


def origins(facts: Mapping[str, int]) -> list[tuple[str, dict[str, int]]]:
    """Return (pseudonym, origin -> records), those with most first, unstated annotators last.

    Args:
        facts: "pseudonym origin" -> records, as `Selection.facts` has it.
    """
    found: dict[str, dict[str, int]] = {}
    for fact, count in facts.items():
        who, _, how = fact.rpartition(" ")
        found.setdefault(who, {})[how] = count
    return sorted(found.items(), key=lambda e: (e[0] == "unstated", -sum(e[1].values()), e[0]))


def openings(rows: pl.DataFrame, kept: pl.DataFrame) -> list[tuple[str, list[list[str]]]]:
    """Return, for every training file, the behaviours of each of its first `OPENING` rows.

    Args:
        rows: arrival, place, side and file in output order.
        kept: arrival, place, behaviours.
    """
    train = rows.select("file", "side").with_row_index("at").filter(side="train")
    first = train.group_by("file", maintain_order=True).agg(pl.col("at").head(OPENING))
    first = rows.select("file", "arrival", "place")[first["at"].explode()]
    shown = kept.select("behaviours", *own_columns(kept))[places_in(kept, first)]
    first = first.with_columns(shown)
    found: dict[str, list[list[str]]] = {}
    for file, names in first.select("file", names_shown(first)).iter_rows():
        found.setdefault(file, []).append(names)
    return list(found.items())
