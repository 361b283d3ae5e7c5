"""All rules there are, in the order they run."""

from __future__ import annotations

from functools import cache
from typing import cast

from goldleaf.core.plugins import claim
from goldleaf.exporters.recipes.recipe import Recipe
from goldleaf.exporters.recipes.rule_settings import rule_modules
from goldleaf.exporters.rules.rule import Asker, Dropper, Misser, Ranker, Rule, Target


@cache
def _rules() -> tuple[Rule, ...]:
    """Return every rule: the files of this folder, then other packages' entry points."""
    found: dict[str, Rule] = {}
    for name, module, origin in rule_modules():
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
