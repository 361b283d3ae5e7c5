"""Pairs whose answers differ much in length teach length (S5): dropped where a recipe sets a cap.

By class of the pair, because a refusal is short by its nature and a chain of reasoning long.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from goldleaf.recipes.sections import RecipeSection, RowCount

if TYPE_CHECKING:
    from goldleaf.recipes.recipe import Recipe

REASON = "over_length_gap"
ORDER = 12


class Settings(RecipeSection):
    """`rules: {pair_length_gap: {...}}`: estimated tokens, null is no cap."""

    chat: RowCount | None = None
    """Most tokens by which the two answers of a chat pair may differ."""

    safety: RowCount | None = None
    """The same for pairs about refusals and risks."""

    tool_use: RowCount | None = None
    """The same for tool calls and structured output."""

    reasoning: RowCount | None = None
    """The same for pairs with reasoning."""


def dropped(examples: pl.DataFrame, recipe: Recipe) -> pl.Series:
    """Return the numbers of pairs that differ by more tokens than the cap of their class."""
    settings = recipe.rule_settings("pair_length_gap", Settings)
    caps = {name: most for name, most in settings.model_dump().items() if most is not None}
    if not caps:
        return examples.clear()["number"]
    pairs = examples.filter(pl.col("pair_class").is_in(list(caps)))
    cap = pl.col("pair_class").cast(pl.String).replace_strict(caps, return_dtype=pl.Int64)
    return pairs.filter(pl.col("gap_tokens").abs() > cap)["number"]
