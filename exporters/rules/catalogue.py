"""All rules there are, in the order they run."""

from __future__ import annotations

from functools import cache
from typing import cast

import goldleaf.exporters.rules as room
from goldleaf.core.plugins import claim, modules, strangers
from goldleaf.exporters.recipes.recipe import Recipe
from goldleaf.exporters.rules.rule import Asker, Dropper, Misser, Ranker, Rule, Target

ENTRY_POINTS = "goldleaf.rules"
"""Another package offers a rule here: the value is a module with what `Rule` asks for."""


@cache
def _rules() -> tuple[Rule, ...]:
    """Return every rule: the files of this folder, then other packages' entry points."""
    found: dict[str, Rule] = {}
    offered = [(module, name, "exporters/rules") for name, module in modules(room, packages=False)]
    offered += [(module, point.name, point.value) for point, module in strangers(ENTRY_POINTS)]
    for module, name, origin in offered:
        if hasattr(module, "STEP"):
            claim(found, name, cast("Rule", module), origin)
    return tuple(found[name] for name in sorted(found, key=lambda name: (found[name].STEP, name)))


def droppers() -> tuple[Dropper, ...]:
    """Return the rules that take examples away."""
    return tuple(cast("Dropper", rule) for rule in _rules() if hasattr(rule, "dropped"))


def targets(recipe: Recipe) -> tuple[Target, ...]:
    """Return what all rules ask for under a recipe."""
    askers = (cast("Asker", rule) for rule in _rules() if hasattr(rule, "targets"))
    return tuple(target for asker in askers for target in asker.targets(recipe))


def rankers() -> tuple[Ranker, ...]:
    """Return the rules that say which examples go first; a later one overrides an earlier one."""
    return tuple(cast("Ranker", rule) for rule in _rules() if hasattr(rule, "ranked"))


def missers() -> tuple[Misser, ...]:
    """Return the rules that hold bounds of the recipe against rows."""
    return tuple(cast("Misser", rule) for rule in _rules() if hasattr(rule, "results"))
