"""Which annotations count: the newest state of each, and each annotator's newest of a task."""

from __future__ import annotations

import polars as pl


def current_votes(votes: pl.DataFrame, answers: pl.DataFrame) -> pl.DataFrame:
    """Return the votes that count: without votes that the annotator later changed or skipped.

    Each annotator has one name in the result.

    A state without a date is never newer or older than another.

    Args:
        votes: see `goldleaf.agreement.votes`.
        answers: annotation and stamp of rejected annotations: a skip replaces earlier states.
    """
    rejected = answers.filter(pl.col("annotation") > 0).select("annotation", "stamp")
    states = pl.concat([votes.select("annotation", "stamp"), rejected])
    newest = states.group_by("annotation").agg(pl.col("stamp").max().alias("newest"))
    one_name = _one_name(votes).join(newest, on="annotation", how="left")
    named = pl.col("annotation") > 0
    older = named & (pl.col("stamp") < pl.col("newest")).fill_null(False)
    left = one_name.filter(~older).drop("newest")
    last = pl.col("stamp").max().over("voter", "task")
    return left.filter(~((pl.col("task") > 0) & (pl.col("stamp") < last).fill_null(False)))


def settled_votes(current: pl.DataFrame) -> pl.DataFrame:
    """Return the votes that an adjudicator's word leaves: of a task it settles, it alone.

    Of several adjudicators' words on a task the newest counts; where two have no date, or the same,
    both do, and contradict each other like any two answers.

    Args:
        current: votes that count (`current_votes`).
    """
    words = current.filter("final")
    newest = words.group_by("task").agg(last=pl.col("stamp").max(), adjudicated=pl.lit(value=True))
    left = current.join(newest, on="task", how="left")
    older = (pl.col("stamp") < pl.col("last")).fill_null(False)
    kept = pl.col("adjudicated").is_null() | (pl.col("final") & ~older)
    return left.filter(kept).drop("last", "adjudicated")


def _one_name(votes: pl.DataFrame) -> pl.DataFrame:
    """Return the votes with one name for annotators that share an annotation.

    An export file knows an annotator by number, Label Studio itself by e-mail address.
    """
    of = votes.filter(pl.col("annotation") > 0).group_by("annotation")
    names = of.agg(low=pl.col("voter").min(), high=pl.col("voter").max())
    names = names.filter(pl.col("low") != pl.col("high"))
    if not names.height:
        return votes
    same = names.group_by("high").agg(pl.col("low").min()).select(voter="high", low="low")
    joined = votes.join(same, on="voter", how="left")
    return joined.with_columns(voter=pl.coalesce("low", "voter")).drop("low")
