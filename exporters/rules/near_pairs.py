"""Pairs whose two answers are nearly the same teach little (S5): dropped where a recipe says so.

When two answers are too near is decided in one place, `goldleaf.curation.pair_audit.pair_columns`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from goldleaf.recipes.sections import RecipeSection

if TYPE_CHECKING:
    from goldleaf.recipes.recipe import Recipe

REASON = "near_pair"
ORDER = 11


class Settings(RecipeSection):
    """`rules: {near_pairs: {...}}`."""

    drop: bool = False
    """Whether pairs whose answers differ in few characters are left out."""


def dropped(examples: pl.DataFrame, recipe: Recipe) -> pl.Series:
    """Return the numbers of pairs whose answers are too near to teach, if the recipe drops them."""
    if not recipe.rule_settings("near_pairs", Settings).drop:
        return examples.clear()["number"]
    return examples.filter(pl.col("near").fill_null(False))["number"]
