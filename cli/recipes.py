"""Which recipe a command was given: a file, a model's size, or neither."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from goldleaf.cli.output import note
from goldleaf.core.errors import UsageError

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
    """Return the recipe that was asked for, one way or the other; say what is odd about it.

    Raises:
        UsageError: both were named, or it cannot be read.
    """
    from goldleaf.recipes.load import for_model, load, remarks

    if model is None:
        found = load(recipe)
        said = remarks(found, words)
    elif recipe is not None:
        fix = "write `model: ...` into the recipe, or give --model alone"
        raise UsageError("A recipe and a model were both named.", where="--model", fix=fix)
    else:
        found, said = for_model(model, words)
    for remark in said:
        note(remark)
    return found
