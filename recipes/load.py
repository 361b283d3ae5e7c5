"""A recipe from a YAML file, or a shipped one; errors name the path of the key."""

from __future__ import annotations

from pathlib import Path

from pydantic import ValidationError

from goldleaf.core.files import read_small
from goldleaf.core.translations import Translations
from goldleaf.recipes.inheritance import MAX_BYTES, SHIPPED, merge_layers, shipped_names
from goldleaf.recipes.recipe import Recipe
from goldleaf.recipes.size_rules import (
    CORE_LEAST,
    RANGES,
    billions,
    in_table,
    is_size,
    nearest,
)
from goldleaf.recipes.yaml_errors import recipe_usage_error

DEFAULT = "plain.yaml"


def shipped() -> dict[float, str]:
    """Return the model sizes with a shipped recipe: billions of parameters -> file name."""
    names = (name for name in shipped_names() if is_size(name))
    return dict(sorted((billions(name), f"{name}.yaml") for name in names))


def for_model(model: str, words: Translations | None = None) -> tuple[Recipe, list[str]]:
    """Return the shipped recipe for a model size, and remarks for its user.

    Args:
        model: such as `8B`. A size without a recipe gets the nearest one, by ratio.
        words: the language of the remarks; English without.

    Raises:
        UsageError: `model` is not a size.
    """
    words = words or Translations("en")
    size, known = billions(model), shipped()
    taken = nearest(size, known)
    name = known[taken]
    recipe = parse(SHIPPED.joinpath(name).read_bytes(), name)
    found = [words("recipe.nearest", model=model, taken=f"{taken:g}B")] if taken != size else []
    return recipe, [*found, *remarks(recipe, words)]


def remarks(recipe: Recipe, words: Translations) -> list[str]:
    """Return remarks for the user about the sizes in a recipe: extrapolated or clamped ones."""
    found: list[str] = []
    if recipe.model is not None and not in_table(billions(recipe.model)):
        first, last = (f"{size:g}B" for size in (min(RANGES), max(RANGES)))
        found.append(words("recipe.outside", model=recipe.model, first=first, last=last))
    if recipe.core_is_clamped():
        found.append(words("recipe.clamped", model=recipe.model, least=f"{CORE_LEAST:,}"))
    return found


def load(path: Path | None = None) -> Recipe:
    """Read a recipe from a YAML file; without a path, the shipped one that balances nothing.

    Raises:
        UsageError: the file cannot be read, or what `parse` raises.
    """
    if path is None:
        return parse(SHIPPED.joinpath(DEFAULT).read_bytes(), DEFAULT)
    return parse(read_small(path, MAX_BYTES), str(path), path)


def parse(content: bytes, where: str, path: Path | None = None) -> Recipe:
    """Read a recipe from the bytes of a YAML text.

    Args:
        content: YAML.
        where: what to call it in a message.
        path: its file, where the paths that it extends start; without one it extends shipped
            recipes alone.

    Raises:
        UsageError: too large, not YAML, anchors, a key twice, an unknown key, an invalid value or
            an error in `extends`; the message names the path of the key and its file.
    """
    plain, origins = merge_layers(content, where, path)
    try:
        return Recipe.model_validate(plain)
    except ValidationError as error:
        raise recipe_usage_error(error, where, origins) from None
