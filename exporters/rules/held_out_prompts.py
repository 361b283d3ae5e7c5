"""Training examples whose prompt is held out for testing are dropped.

Records derived from one first question are on one side already. An annotator may edit a question
into one that is asked elsewhere, though, and that one may be on the other side.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from goldleaf.recipes.recipe import Recipe

REASON = "prompt_held_out"
ORDER = 30


def dropped(examples: pl.DataFrame, recipe: Recipe) -> pl.Series:
    """Return the numbers of training examples whose normalised prompt is also on the test side."""
    held_out = examples.filter(side="test")["group"].unique()
    train = examples.filter(side="train")
    return train.filter(train["group"].is_in(held_out.implode()))["number"]
