"""What stands in the place of an example that a rule took away, where something does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from goldleaf.exporters.rules import exact_duplicates, held_out_prompts, per_prompt

if TYPE_CHECKING:
    import polars as pl


def replaced_by(reason: str, gone: pl.DataFrame, left: pl.DataFrame) -> pl.DataFrame:
    """Return record, reason and the `instead` of each record a rule took examples from.

    A duplicate has the example that stays, a pair too many of its prompt the first that stays, one
    whose prompt is held out the first for testing. Other reasons have nothing.

    Args:
        reason: the rule's.
        gone: the examples it took away.
        left: those it left.
    """
    import polars as pl

    if reason == exact_duplicates.REASON:
        found = _beside(gone, left, list(exact_duplicates.SAME))
    elif reason == per_prompt.REASON:
        found = _beside(gone, left, ["use", "group"])
    elif reason == held_out_prompts.REASON:
        found = _beside(gone, left.filter(side="test"), ["group"])
    else:
        found = _beside(gone.clear(), left.clear(), ["use"])
    return found.unique("record", keep="first", maintain_order=True).with_columns(
        reason=pl.lit(reason)
    )


def _beside(gone: pl.DataFrame, others: pl.DataFrame, keys: list[str]) -> pl.DataFrame:
    """Return record and the first other record with the same keys."""
    import polars as pl

    found = others.select(*keys, instead="record", place="number")
    joined = gone.select("record", "number", *keys).join(found, on=keys, nulls_equal=True)
    joined = joined.filter(pl.col("record") != pl.col("instead")).sort("number", "place")
    return joined.select("record", "instead").unique("record", keep="first", maintain_order=True)
