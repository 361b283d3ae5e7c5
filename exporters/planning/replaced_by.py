"""Which record replaces an example that a rule dropped, where one does."""

from __future__ import annotations

import polars as pl

from goldleaf.exporters.rules import (
    exact_duplicates,
    held_out_prompts,
    max_pairs_per_prompt,
    near_duplicates,
)


def replaced_by(reason: str, gone: pl.DataFrame, left: pl.DataFrame) -> pl.DataFrame:
    """Return record, reason and `instead`: the record that replaces each one a rule dropped from.

    A duplicate is replaced by the example that stays, one that is nearly the same by the record
    that `goldleaf curate` chose, a pair too many of its prompt by the first
    that stays, one whose prompt is held out by the first for testing. Other reasons have none.
    A record has one row at most; one without a replacement has none.

    Args:
        reason: the rule's.
        gone: the examples it dropped.
        left: those it kept.
    """
    if reason == near_duplicates.REASON:
        found = gone.select("record", instead="duplicate_of")
    elif reason == exact_duplicates.REASON:
        found = _first_other(gone, left, list(exact_duplicates.SAME))
    elif reason == max_pairs_per_prompt.REASON:
        found = _first_other(gone, left, ["use", "group"])
    elif reason == held_out_prompts.REASON:
        found = _first_other(gone, left.filter(side="test"), ["group"])
    else:
        found = _first_other(gone.clear(), left.clear(), ["use"])
    return found.unique("record", keep="first", maintain_order=True).with_columns(
        reason=pl.lit(reason)
    )


def _first_other(gone: pl.DataFrame, others: pl.DataFrame, keys: list[str]) -> pl.DataFrame:
    """Return record and the first other record with the same keys."""
    found = others.select(*keys, instead="record", place="number")
    joined = gone.select("record", "number", *keys).join(found, on=keys, nulls_equal=True)
    joined = joined.filter(pl.col("record") != pl.col("instead")).sort("number", "place")
    return joined.select("record", "instead").unique("record", keep="first", maintain_order=True)
