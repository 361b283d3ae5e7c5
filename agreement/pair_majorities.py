"""Preference pairs and the votes against them: in the tasks they are of, and the other way round.

A task is a prompt with the answers that were shown. Where one answer is compared with many others,
as a baseline is, who prefers another one in one of these tasks says nothing of the rest.
"""

from __future__ import annotations

import polars as pl

from goldleaf.agreement.votes import CHOSEN, IMPORTED, REJECTED, TAUGHT, TIED
from goldleaf.curation.repeated_values import is_repeated

OPPOSED = -3
"""Side of a vote for another answer of the same task."""

_TEXT = ["prompt", "text"]


def pair_majorities(
    examples: pl.DataFrame, people: pl.DataFrame, texts: pl.DataFrame, opposed: pl.DataFrame
) -> pl.DataFrame:
    """Return number and `majority` of the pairs that annotators made: whether one prefers it.

    Only what was answered in the tasks that a pair is of counts, and pairs without a better text
    that somebody opposes anywhere are left out.

    Args:
        examples: number, arrival, use, prompt and answer (the better text).
        people: arrival, voter, task of annotators.
        texts: claims about texts.
        opposed: `opposed_votes`.
    """
    key = ["task", *_TEXT]
    pairs = examples.filter(use="dpo").select("number", "arrival", "prompt", text="answer")
    pairs = pairs.join(opposed.select(_TEXT).unique(), on=_TEXT, how="semi")
    tasks = pairs.join(people.select("arrival", "task"), on="arrival").select("number", *key)
    asked = people.join(tasks.select("task").unique(), on="task", how="semi")
    said = asked.select("arrival", "voter", "task").join(texts, on="arrival")
    columns = [*key, "voter", "side"]
    ballots = pl.concat([said.select(columns), opposed.select(columns)])
    counted = tasks.unique().join(ballots, on=key, how="left")

    def of(*sides: int) -> pl.Expr:
        return pl.col("voter").filter(pl.col("side").is_in(sides)).n_unique()

    return counted.group_by("number").agg(majority=of(TAUGHT, CHOSEN) > of(REJECTED, OPPOSED))


def opposed_votes(judged: pl.DataFrame) -> pl.DataFrame:
    """Return task, prompt, text, voter, side of who answers a task with another text or a tie.

    Args:
        judged: voter, task, shown, prompt, text, side of annotators, of tasks that several answer.
    """
    answered = judged.filter(pl.col("shown") & (pl.col("side") >= TIED))
    voters = answered.select("task", "voter").unique()
    crowded = voters.filter(pl.len().over("task") > 1)
    taught = answered.filter(pl.col("side") > 0).join(crowded, on="task", how="semi")
    taught = taught.select("task", *_TEXT, "voter").unique()
    each = taught.select("task", *_TEXT).unique().join(crowded, on="task")
    against = each.join(taught, on=["task", *_TEXT, "voter"], how="anti")
    return against.select("task", *_TEXT, "voter", side=pl.lit(OPPOSED, pl.Int8)).unique()


def reversed_pairs(examples: pl.DataFrame, current: pl.DataFrame) -> pl.Series:
    """Return the numbers of pairs that at least as many voters rank the other way round."""
    keys = ["prompt", "answer", "other"]
    pairs = examples.filter((pl.col("use") == "dpo") & (pl.col("answer") != pl.col("other")))
    pairs = pairs.filter(is_repeated(pairs["prompt"]))
    reverse = pairs.select("prompt", answer="other", other="answer").unique()
    pairs = pairs.join(reverse, on=keys, how="semi").select("number", "arrival", *keys)
    if not pairs.height:
        return pairs["number"]
    votes = current.select("arrival", "voter")
    by = pairs.join(votes, on="arrival", how="left").with_columns(
        pl.col("voter").fill_null(IMPORTED)
    )
    people = pl.col("voter").filter(pl.col("voter") != IMPORTED).n_unique()
    counted = by.group_by(keys).agg(people=people)
    opposite = counted.select("prompt", answer="other", other="answer", against="people")
    both = counted.join(opposite, on=keys)
    return pairs.join(both.filter(pl.col("people") <= pl.col("against")), on=keys, how="semi")[
        "number"
    ]
