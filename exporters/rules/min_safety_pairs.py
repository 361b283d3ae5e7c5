"""The least share of safety pairs (S18), which belong in the preference file, not only in SFT.

Safety erodes in later stages (Tulu 3: 93.1 after SFT, 87.2 after DPO, 85.5 after RL). Pairs are
never repeated, so a shortage is reported; `max_pairs_per_prompt` drops them last.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import ceil
from typing import TYPE_CHECKING

import polars as pl

from goldleaf.exporters.ingest.behaviours import shows_any
from goldleaf.exporters.rules.target_result import TargetResult, exact

if TYPE_CHECKING:
    from goldleaf.recipes.recipe import Recipe

ORDER = 320
BEHAVIOURS = ("refusal", "safe_completion")


def is_safety() -> pl.Expr:
    """Return an expression: an example refuses, completes safely, or its prompt's risk is named."""
    return shows_any(BEHAVIOURS) | pl.col("risk")


def results(rows: pl.DataFrame, recipe: Recipe) -> Iterator[TargetResult]:
    """Yield one result: safety pairs among all pairs written for training (`pairs.safety`)."""
    pairs, least = rows.filter(use="dpo", side="train"), exact(recipe.pairs.safety)
    safe = pairs.filter(is_safety()).height
    missing = ceil(least * (pairs.height - safe) / (1 - least)) - safe if least < 1 else 0
    yield TargetResult(
        key="pairs.safety",
        rule="S18",
        least=True,
        wanted=recipe.pairs.safety,
        rows=safe,
        of=pairs.height,
        annotations=max(0, missing),
    )
