"""A recipe by its file, or the shipped one for a model's size."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from goldleaf.core.errors import UsageError

if TYPE_CHECKING:
    from goldleaf.core.translations import Translations
    from goldleaf.recipes.recipe import Recipe


def load_recipe(recipe: Recipe | Path | str | None = None) -> Recipe:
    """Return a recipe.

    >>> load_recipe("8B").repeat.max
    4

    Args:
        recipe: its file (`.yaml`), a model's size such as `"8B"`, or None for the plain recipe,
            which asks for nothing; a recipe is returned as it is.

    Raises:
        UsageError: it cannot be read, or is not valid; the message has file and line.
    """
    from goldleaf.core.translations import Translations
    from goldleaf.recipes.load import for_model, load

    if isinstance(recipe, str) and not recipe.endswith((".yaml", ".yml")):
        return for_model(recipe, Translations("en"))[0]
    found = load(Path(recipe)) if isinstance(recipe, str | Path) else recipe or load()
    _check_kinds(found)
    return found


def choose_recipe(
    recipe: Path | None, model: str | None, words: Translations
) -> tuple[Recipe, list[str]]:
    """Return the recipe of a file or of a model's size, and remarks on it for the user.

    Args:
        recipe: its file; without one and without a model, the plain recipe.
        model: a model's size.
        words: language of the remarks.

    Raises:
        UsageError: both are given, or it cannot be read.
    """
    from goldleaf.recipes.load import for_model, load, remarks

    if model is None:
        found = load(recipe)
        _check_kinds(found)
        return found, list(remarks(found, words))
    if recipe is not None:
        fix = "write `model: ...` into the recipe, or give --model alone"
        raise UsageError("A recipe and a model were both named.", where="--model", fix=fix)
    found, remarked = for_model(model, words)
    return found, list(remarked)


def _check_kinds(recipe: Recipe) -> None:
    """Check that each of `conflicts.kinds` is a kind, or a template of Label Studio that is read.

    Raises:
        UsageError: one is neither; the message lists the kinds there are.
    """
    from goldleaf.adoption.registry import templates
    from goldleaf.label_configs.registry import kind_named

    for name in recipe.conflicts.kinds:
        if name not in ("reading", *(each.id.partition("/")[0] for each in templates().values())):
            kind_named(name)
