"""Which examples a target or the core is about, as expressions over `rule.COLUMNS`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from goldleaf.exporters.ingest.behaviours import shows_any
from goldleaf.recipes.recipe import Recipe
from goldleaf.recipes.sections import SOURCE_IDS

if TYPE_CHECKING:
    from goldleaf.exporters.rules.rule import Target


def is_core(recipe: Recipe) -> pl.Expr:
    """Return an expression: an example is of the core, by its source; none is without `core`."""
    names = recipe.core.sources if recipe.core else []
    return pl.col("source").is_in([SOURCE_IDS[name] for name in names])


def shows(target: Target) -> pl.Expr:
    """Return an expression: an example has at least one of a target's behaviours."""
    return shows_any(target.behaviours)
