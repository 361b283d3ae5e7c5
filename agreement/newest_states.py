"""Which annotations count: the newest state of each, and each annotator's newest of a task.

Most annotations have one state, and most tasks one answer: only the others are compared, so that
what is held beside the votes is no copy of them.
"""

from __future__ import annotations

import polars as pl

from goldleaf.curation.repeated_values import is_repeated


def current_votes(votes: pl.DataFrame, answers: pl.DataFrame) -> pl.DataFrame:
    """Return the votes that count: without votes that the annotator later changed or skipped.

    Each annotator has one name in the result.

    A state without a date is never newer or older than another.

    Args:
        votes: see `goldleaf.agreement.votes`.
        answers: annotation and stamp of rejected annotations: a skip replaces earlier states.
    """
    rejected = answers.select("annotation", "stamp")
    states = repeated(pl.concat([votes.select("annotation", "stamp"), rejected]), "annotation")
    newest = states.group_by("annotation").agg(pl.col("stamp").max().alias("newest"))
    changed = _rows(votes, "annotation", "stamp").join(newest, on="annotation")
    left = _without(_one_name(votes), changed.filter(pl.col("stamp") < pl.col("newest")))
    answered = repeated(_rows(left, "voter", "task", "stamp"), "task")
    return _without(
        left, answered.filter(pl.col("stamp") < pl.col("stamp").max().over("voter", "task"))
    )


def settled_votes(current: pl.DataFrame) -> pl.DataFrame:
    """Return the votes that an adjudicator's word leaves: of a task it settles, it alone.

    Of several adjudicators' words on a task the newest counts; where two have no date, or the same,
    both do, and contradict each other like any two answers.

    Args:
        current: votes that count (`current_votes`).
    """
    answered = repeated(_rows(current, "task", "stamp", "final"), "task")
    newest = answered.filter("final").group_by("task").agg(last=pl.col("stamp").max())
    older = (pl.col("stamp") < pl.col("last")).fill_null(False)
    return _without(current, answered.join(newest, on="task").filter(~pl.col("final") | older))


def repeated(frame: pl.DataFrame, column: str) -> pl.DataFrame:
    """Return the rows of which others have the same value of a column, without 0, which is none."""
    return frame.filter(is_repeated(frame[column]) & (frame[column] > 0))


def _rows(votes: pl.DataFrame, *columns: str) -> pl.DataFrame:
    """Return columns of the votes and `row`, the place of each."""
    return votes.select(*columns).with_row_index("row")


def _without(votes: pl.DataFrame, gone: pl.DataFrame) -> pl.DataFrame:
    """Return the votes without those at the places `row` of others."""
    if not gone.height:
        return votes
    return votes.filter(~pl.int_range(pl.len(), dtype=pl.UInt32).is_in(gone["row"].implode()))


def _one_name(votes: pl.DataFrame) -> pl.DataFrame:
    """Return the votes with one name for annotators that share an annotation.

    An export file knows an annotator by number, Label Studio itself by e-mail address.
    """
    of = repeated(votes.select("annotation", "voter"), "annotation").group_by("annotation")
    names = of.agg(low=pl.col("voter").min(), high=pl.col("voter").max())
    names = names.filter(pl.col("low") != pl.col("high"))
    if not names.height:
        return votes
    same = names.group_by("high").agg(pl.col("low").min()).select(voter="high", low="low")
    joined = votes.join(same, on="voter", how="left")
    return joined.with_columns(voter=pl.coalesce("low", "voter")).drop("low")
