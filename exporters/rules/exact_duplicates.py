"""The same pair out of two records is kept once: the one that comes first by record id."""

from __future__ import annotations

from typing import TYPE_CHECKING

from goldleaf.curation.exact_duplicates import first_of_its_kind

if TYPE_CHECKING:
    import polars as pl

    from goldleaf.exporters.recipe import Recipe

REASON = "exact_duplicate"
STEP = 20


def dropped(pairs: pl.DataFrame, recipe: Recipe) -> pl.Series:
    """Return the pairs with the prompt and both answers of an earlier one."""
    first = first_of_its_kind(pairs, ["prompt", "chosen", "rejected"], "number")
    return pairs.filter(first != pairs["number"])["number"]
