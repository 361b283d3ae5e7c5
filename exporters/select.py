"""What becomes of every example: rules over the columns, sides by hash, copies by plan."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from goldleaf.exporters.balance import balanced
from goldleaf.exporters.census import Census
from goldleaf.exporters.counts import Count, Shortfall, counts, shortfalls
from goldleaf.exporters.recipe import Recipe
from goldleaf.exporters.rules.catalogue import droppers, targets

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True)
class Selection:
    """What becomes of every example.

    `kept`: record, id, use, side, copies...; `rows`: record, id, side, copies, good and the place
    in the spool of every row of a kept example; `why`: record, reason, times (what kept examples
    out); `facts`: fact -> value -> records that gave a row; `refused`: format -> reason -> examples
    that only some formats took; `counts` and `shortfalls` hold them against the recipe.
    """

    kept: pl.DataFrame
    rows: pl.DataFrame
    why: pl.DataFrame
    facts: dict[str, dict[str, int]]
    refused: dict[str, dict[str, int]]
    counts: tuple[Count, ...]
    shortfalls: tuple[Shortfall, ...]


def select(census: Census, recipe: Recipe) -> Selection:
    """Decide about every example of the census."""
    import polars as pl

    all_examples = _numbered(census)
    examples, dropped = all_examples, [_unmade(census)]
    for rule in droppers():
        gone = examples.filter(pl.col("number").is_in(rule.dropped(examples, recipe).implode()))
        if gone.height:
            examples = examples.join(gone, on="number", how="anti", maintain_order="left")
            dropped.append(_reasons(gone.with_columns(reason=pl.lit(rule.REASON))))
    asked = targets(recipe)
    to_balance = examples.filter(use="sft", side="train")
    copies = balanced(to_balance, recipe, asked)
    kept = examples.join(copies, on="number", how="left", maintain_order="left")
    kept = kept.with_columns(pl.col("copies").fill_null(1), pl.col("reason").fill_null(""))
    dropped.append(_reasons(kept.filter(copies=0)))
    kept = kept.filter(pl.col("copies") > 0)
    return Selection(
        kept,
        _rows(census, kept),
        pl.concat(dropped).group_by("record", "reason").agg(pl.col("times").sum()),
        _facts(census, kept),
        _refused(census),
        counts(all_examples, kept),
        shortfalls(kept, recipe, asked),
    )


def _numbered(census: Census) -> pl.DataFrame:
    """Return the examples in the order of record ids, numbered."""
    import polars as pl

    found = census.made.examples.join(census.records, on="arrival")
    side = pl.when("test").then(pl.lit("test")).otherwise(pl.lit("train"))
    return found.with_columns(side=side).sort("record", "place").with_row_index("number")


def _unmade(census: Census) -> pl.DataFrame:
    why = census.made.why.join(census.records, on="arrival")
    return why.select("record", "reason", "times")


def _reasons(gone: pl.DataFrame) -> pl.DataFrame:
    import polars as pl

    return gone.select("record", "reason", pl.lit(1, pl.UInt64).alias("times"))


def _rows(census: Census, kept: pl.DataFrame) -> pl.DataFrame:
    told = kept.select("arrival", "place", "record", "id", "side", "copies", "good")
    return census.made.rows.join(told, on=["arrival", "place"])


def _facts(census: Census, kept: pl.DataFrame) -> dict[str, dict[str, int]]:
    """Return fact -> value -> records, sorted."""
    exported = census.made.facts.join(kept, on="arrival", how="semi")
    found: dict[tuple[str, str], int] = {}
    for code, count in exported.group_by("code").len().iter_rows():
        for fact in census.made.known[int(code)]:
            found[fact] = found.get(fact, 0) + count
    facts: dict[str, dict[str, int]] = {}
    for (fact, value), count in sorted(found.items()):
        facts.setdefault(fact, {})[value] = count
    return facts


def _refused(census: Census) -> dict[str, dict[str, int]]:
    counted = census.made.refused.group_by("format", "reason").len()
    refused: dict[str, dict[str, int]] = {}
    for format, reason, count in counted.sort("format", "reason").iter_rows():
        refused.setdefault(format, {})[reason] = count
    return refused
