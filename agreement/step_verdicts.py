"""Verdicts on the steps of a chain: which rows have a majority behind each of their verdicts.

A step is judged together with those before it, so two annotators contradict each other where they
judged the same beginning of one chain and differ on its last step. One who stopped earlier, at a
wrong step, says nothing of those behind it.
"""

from __future__ import annotations

import polars as pl

from goldleaf.agreement.votes import IMPORTED, STEP_BAD, STEP_GOOD, STEP_SIDES

_STEP = ["prompt", "text"]


def disputed_steps(said: pl.DataFrame, within: list[str]) -> pl.DataFrame:
    """Return the claims about steps that another claim contradicts.

    Args:
        said: claims with the columns `within`.
        within: what names the task.
    """
    steps = said.filter(pl.col("side").is_in(STEP_SIDES))
    return steps.filter(pl.col("side").n_unique().over([*within, *_STEP]) > 1)


def contradicted_rows(
    examples: pl.DataFrame, current: pl.DataFrame, claims: pl.DataFrame
) -> pl.DataFrame:
    """Return number and `lost` of rows of step verdicts without a majority behind each verdict.

    `lost`: whether more people say the opposite of one of them; else as many do.

    Args:
        examples: numbered, with arrival and use.
        current: votes that count.
        claims: with those about steps, of imported records too.
    """
    rows = examples.filter(use="stepwise").select("number", "arrival")
    steps = claims.filter(pl.col("side").is_in(STEP_SIDES))
    if not rows.height or not steps.height:
        return rows.select("number", lost=pl.lit(value=False)).clear()
    votes = current.select("arrival", "voter").unique()
    people = votes.filter(pl.col("voter") != IMPORTED)
    given = steps.join(people, on="arrival")
    mixed = votes.filter(voter=IMPORTED).select("arrival")
    alone = rows.select("arrival").join(people, on="arrival", how="anti")
    imported = steps.join(pl.concat([alone, mixed]).unique(), on="arrival", how="semi")
    imported = imported.join(given, on=_STEP, how="anti")
    ballots = pl.concat(
        [
            given.select(*_STEP, "voter", "side"),
            imported.select(*_STEP, pl.lit(IMPORTED, pl.UInt64).alias("voter"), "side"),
        ]
    )

    def of(side: int) -> pl.Expr:
        return pl.col("voter").filter(pl.col("side") == side).n_unique().cast(pl.Int64)

    counted = ballots.group_by(_STEP).agg(lead=of(STEP_GOOD) - of(STEP_BAD))
    backed = pl.when(pl.col("side") == STEP_GOOD).then("lead").otherwise(-pl.col("lead"))
    each = rows.join(steps, on="arrival").join(counted, on=_STEP).with_columns(backed=backed)
    weakest = each.group_by("number").agg(pl.col("backed").min())
    against = weakest.filter(pl.col("backed") <= 0).sort("number")
    return against.select("number", lost=pl.col("backed") < 0)
