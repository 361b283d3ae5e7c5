"""The least number of examples of a prototype, a risk class or a language (S16, S12, S11).

Shares speak of behaviours; coverage is a matter of numbers: a prototype is there or it is not, and
a risk class that nobody answered is a hole however many refusals there are. What is missing is what
`goldleaf steer` has people annotate first.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import polars as pl
from pydantic import Field

from goldleaf.exporters.rules.target_result import TargetResult, at_least
from goldleaf.recipes.sections import RecipeSection, RowCount

if TYPE_CHECKING:
    from goldleaf.recipes.recipe import Recipe

ORDER = 215
KEY = "rules.minimum_coverage"
COLUMNS = {"prototypes": "prototype", "risks": "risk_class", "languages": "language"}
"""Setting -> the column that it counts."""
_RULES = {"prototypes": "S16", "risks": "S12", "languages": "S11"}


class Settings(RecipeSection):
    """`rules: {minimum_coverage: {...}}`: distinct SFT examples to train on, by name."""

    prototypes: dict[str, RowCount] = Field(default={})
    """By capability prototype (`core/prototypes.toml`, or your own)."""

    risks: dict[str, RowCount] = Field(default={})
    """By risk class (`label_configs/refusal/risks.toml`, or your own)."""

    languages: dict[str, RowCount] = Field(default={})
    """By language of the prompt, such as `en` and `zh`."""


def results(rows: pl.DataFrame, recipe: Recipe) -> Iterator[TargetResult]:
    """Yield one result for each name that the recipe gives a number: `KEY.languages.zh`."""
    settings = recipe.rule_settings("minimum_coverage", Settings)
    for setting, column in COLUMNS.items():
        wanted: dict[str, int] = getattr(settings, setting)
        if not wanted:
            continue
        train = rows.filter(use="sft", side="train")
        counts = dict(train.group_by(column).len().iter_rows())
        for name, least in sorted(wanted.items()):
            got = int(counts.get(name, 0))
            yield from at_least(f"{KEY}.{setting}.{name}", _RULES[setting], least, got)
