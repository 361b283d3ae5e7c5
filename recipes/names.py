"""Checks of names in a recipe that its classes cannot do: own behaviours and their shares."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from pydantic_core import PydanticCustomError

from goldleaf.core.behaviours import BUILT_IN
from goldleaf.core.nearest_name import nearest_or_all
from goldleaf.recipes.own_behaviour import NAME

RECIPE_ERROR = "recipe_error"
"""The type of an error with its own path and fix (`recipe_error`)."""


def recipe_error(path: Sequence[str], what: str, fix: str) -> PydanticCustomError:
    """Return a validation error about one key of a recipe, with its path and how to fix it."""
    return PydanticCustomError(
        RECIPE_ERROR, "{what}", {"what": what, "path": tuple(path), "fix": fix}
    )


def check_names(behaviours: Mapping[str, object], shares: Iterable[str]) -> None:
    """Check that own behaviours have valid, unused names, and that each share is of a behaviour.

    Raises:
        PydanticCustomError: a name is not valid or is a built-in behaviour's, or a share is of an
            unknown behaviour.
    """
    for name in map(str, behaviours):  # YAML also has numbers as keys
        if name in BUILT_IN:
            fix = "rename yours; a built-in behaviour needs no entry here"
            raise recipe_error(
                ("behaviours", name), "this is the name of a built-in behaviour", fix
            )
        if not NAME.fullmatch(name):
            fix = "use a-z, 0-9 and _, a letter first, at most 64 characters"
            raise recipe_error(("behaviours", name), "this is not a valid name of a behaviour", fix)
    known = [name for name, built_in in BUILT_IN.items() if built_in.share]
    known += map(str, behaviours)
    for name in map(str, shares):
        if name not in known:
            fix = nearest_or_all(name, known, "its keys are")
            raise recipe_error(("shares", name), "there is no such key.", fix)
