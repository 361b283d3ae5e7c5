"""Settings that rules bring themselves: `rules: {NAME: {...}}` in a recipe.

A rule is a file of `exporters/rules` or a module of another package (entry point `goldleaf.rules`);
its class `Settings` has its keys. Rules are found by name here, because recipes are read
below the rules that obey them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module
from types import ModuleType
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from goldleaf.core.nearest_name import nearest_or_all
from goldleaf.core.plugins import load_entry_points, modules
from goldleaf.recipes.names import recipe_error

Settings = TypeVar("Settings", bound=BaseModel)

FOLDER = "goldleaf.exporters.rules"
ENTRY_POINTS = "goldleaf.rules"
"""Another package offers a rule here: the value is a module with what `Rule` asks for."""


def rule_modules(*, foreign: bool = True) -> Iterator[tuple[str, ModuleType, str]]:
    """Yield (name, module, origin) of every rule: files of the folder, then other packages'.

    `origin` says where it is from, for messages. `foreign=False` leaves other packages out.
    """
    for name, module in modules(import_module(FOLDER), packages=False):
        if hasattr(module, "ORDER"):
            yield name, module, FOLDER
    for point, module in load_entry_points(ENTRY_POINTS, "ORDER") if foreign else ():
        yield point.name, module, point.value


def settings_classes(*, foreign: bool = True) -> dict[str, type[BaseModel]]:
    """Return rule -> class of its settings, for the rules that have some.

    Without `foreign` only those of our own rules, not of other installed packages'.
    """
    found = (
        (name, getattr(module, "Settings", None))
        for name, module, _ in rule_modules(foreign=foreign)
    )
    return {name: model for name, model in found if model is not None}


def resolved(rules: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """Return the settings of rules with every key spelled out, each checked by its rule.

    Raises:
        PydanticCustomError: there is no such rule, it has no settings, or one is not valid.
    """
    if not rules:
        return {}
    known = settings_classes()
    return {name: _checked(name, given, known) for name, given in rules.items()}


def _checked(
    name: str, given: Mapping[str, Any], known: Mapping[str, type[BaseModel]]
) -> dict[str, Any]:
    if name not in known:
        if any(name == other for other, _, _ in rule_modules()):
            fix = f"rules with settings here: {', '.join(known) or 'none'}"
            raise recipe_error(("rules", name), "this rule has no settings here", fix)
        fix = "none is installed"
        if known:
            fix = nearest_or_all(name, known, "rules with settings are")
        raise recipe_error(("rules", name), "there is no such rule", fix)
    try:
        return known[name].model_validate(dict(given)).model_dump(mode="json")
    except ValidationError as error:
        first = error.errors()[0]
        path = ("rules", name, *map(str, first["loc"]))
        if first["type"] == "extra_forbidden":
            keys = known[name].model_fields
            fix = nearest_or_all(path[-1], keys, "its keys are")
            raise recipe_error(path, "there is no such key.", fix) from None
        message = first["msg"].removeprefix("Value error, ")
        raise recipe_error(
            path, f"{message}, not {first['input']!r}", f"`goldleaf rules {name}`"
        ) from None
