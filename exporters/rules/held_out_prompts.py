"""A prompt that is held out for testing is not trained on: such training examples are dropped.

Whatever grows from one first question is on one side already. An annotator may edit a question into
one that is asked elsewhere, though, and that one may have fallen on the other side.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import polars as pl

    from goldleaf.exporters.recipes.recipe import Recipe

REASON = "prompt_held_out"
STEP = 30


def dropped(examples: pl.DataFrame, recipe: Recipe) -> pl.Series:
    """Return the training examples whose prompt has an example for testing."""
    held_out = examples.filter(side="test")["group"].unique()
    train = examples.filter(side="train")
    return train.filter(train["group"].is_in(held_out.implode()))["number"]
