"""Near duplicates are kept once (S3): the record that `goldleaf curate` chose as the best.

Which records are alike was decided and verified there (`near_duplicates`); this
rule only sees to it that the one to keep is among the records exported. It runs before exact
duplicates, which would keep another one of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from goldleaf.recipes.recipe import Recipe

REASON = "near_duplicate"
ORDER = 15


def dropped(examples: pl.DataFrame, recipe: Recipe) -> pl.Series:
    """Return the numbers of examples whose `duplicate_of` is a record that is in `examples`."""
    there = examples["record"].unique().implode()
    return examples.filter(pl.col("duplicate_of").is_in(there))["number"]
