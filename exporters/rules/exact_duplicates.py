"""Exact duplicates are kept once: the example that comes first by record id."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from goldleaf.curation.duplicate_records import first_occurrence
from goldleaf.curation.repeated_values import is_repeated

if TYPE_CHECKING:
    from goldleaf.recipes.recipe import Recipe

REASON = "exact_duplicate"
ORDER = 20
SAME = ("use", "prompt", "answer", "other", "good")
"""Columns that an exact duplicate shares with the example that stays."""


def dropped(examples: pl.DataFrame, recipe: Recipe) -> pl.Series:
    """Return the numbers of examples with the use, prompt, answers and verdict of an earlier one.

    Texts are compared as a reader sees them; the side makes no difference.
    """
    several = examples.select("number", *SAME).filter(is_repeated(examples["prompt"]))
    first = first_occurrence(several, list(SAME), "number")
    return several.filter(first != several["number"])["number"]
