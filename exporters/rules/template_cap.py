"""The cap on templates (S3, S10): of answers that open or close alike, the best are kept.

`goldleaf curate` names the template of an answer; where the recipe's `screens` says `cap`, no
template has more than `max` of all SFT examples of its side. The best by quality stay, then the
hardest (S17), then those that the draw puts first. Refusals open alike by their nature, and their
number is a matter of their share (S12), so they are left alone.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Annotated

import polars as pl
from pydantic import Field

from goldleaf.exporters.ingest.behaviours import shows_any
from goldleaf.exporters.rules import hard_examples
from goldleaf.recipes.sections import Fine, RecipeSection

if TYPE_CHECKING:
    from goldleaf.recipes.recipe import Recipe

_REFUSING = ("refusal", "refusal_unsettled", "safe_completion")
REASON = "over_template"
ORDER = 55


class Settings(RecipeSection):
    """`rules: {template_cap: {...}}`."""

    max: Annotated[Fine, Field(gt=0, le=1)] = 0.05
    """Largest share of all SFT examples that open or close alike."""


def dropped(examples: pl.DataFrame, recipe: Recipe) -> pl.Series:
    """Return the numbers of SFT examples above the cap of their template, on either side.

    One example of a template always stays.
    """
    sft = examples.filter(use="sft")
    named = sft.filter((pl.col("template") != "") & ~shows_any(_REFUSING))
    if not named.height:
        return examples.clear()["number"]
    most = Fraction(str(recipe.rule_settings("template_cap", Settings).max))
    sizes = dict(sft.group_by("side").len().iter_rows())
    caps = {side: max(1, int(most * size)) for side, size in sizes.items()}
    hard = hard_examples.ranked(named, recipe)
    ranked = named.with_columns(
        hard=pl.lit(None, pl.Float64) if hard is None else hard,
        cap=pl.col("side").replace_strict(caps, return_dtype=pl.Int64),
    ).sort(
        *("side", "template", "quality", "hard", "sample_key", "number"),
        descending=[False, False, True, False, False, False],
        nulls_last=True,
    )
    place = pl.int_range(pl.len()).over("side", "template")
    return ranked.filter(place >= pl.col("cap"))["number"]
