"""`--recipe` and `--model`, and the recipe that they name."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from goldleaf.cli.output import print_note

if TYPE_CHECKING:
    from goldleaf.core.translations import Translations
    from goldleaf.recipes.recipe import Recipe

RecipeOption = Annotated[
    Path | None, typer.Option(help="A recipe (YAML); `goldleaf rules` explains its keys.")
]
ModelOption = Annotated[
    str | None, typer.Option(help="A model's size, such as 8B: the shipped recipe for it.")
]


def chosen(recipe: Path | None, model: str | None, words: Translations) -> Recipe:
    """Return the recipe that the options name, and print the remarks on it.

    Raises:
        UsageError: both are given, or it cannot be read.
    """
    from goldleaf.workflows.recipes import choose_recipe

    found, remarks = choose_recipe(recipe, model, words)
    for remark in remarks:
        print_note(remark)
    return found
