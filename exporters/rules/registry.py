"""All rules, built-in and of other packages, in the order they run."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, cast

import polars as pl
import polars.selectors as cs

from goldleaf.core.plugins import register
from goldleaf.exporters.rules.rule import (
    Checker,
    Filter,
    Rule,
    Sorter,
    Target,
    TargetRule,
)
from goldleaf.recipes.recipe import Recipe
from goldleaf.recipes.rule_settings import FOLDER, rule_modules


@cache
def _rules() -> tuple[Rule, ...]:
    """Return every rule: the files of this folder, then other packages' entry points."""
    found: dict[str, Rule] = {}
    for name, module, origin in rule_modules():
        rule = module if origin == FOLDER else _WithStrings(module)
        register(found, name, cast("Rule", rule), origin)
    return tuple(found[name] for name in sorted(found, key=lambda name: (found[name].ORDER, name)))


class _WithStrings:
    """A rule of another package, which is given the columns of words as strings.

    They are Categorical for ours, which takes less memory, but Polars has no `.str` for that.
    """

    def __init__(self, rule: Any) -> None:
        self._rule = rule

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._rule, name)
        return _given_strings(found) if name in ("dropped", "ranked", "results") else found


def _given_strings(function: Callable[[pl.DataFrame, Recipe], Any]) -> Any:
    def given(rows: pl.DataFrame, recipe: Recipe) -> Any:
        return function(rows.with_columns(cs.categorical().cast(pl.String)), recipe)

    return given


def filters() -> tuple[Filter, ...]:
    """Return the rules that drop examples, in the order they run."""
    return tuple(cast("Filter", rule) for rule in _rules() if hasattr(rule, "dropped"))


def targets(recipe: Recipe) -> tuple[Target, ...]:
    """Return the shares and contrasts that all rules want under a recipe."""
    target_rules = (cast("TargetRule", rule) for rule in _rules() if hasattr(rule, "targets"))
    return tuple(target for rule in target_rules for target in rule.targets(recipe))


def sorters() -> tuple[Sorter, ...]:
    """Return the rules that sort examples; a later one overrides an earlier one."""
    return tuple(cast("Sorter", rule) for rule in _rules() if hasattr(rule, "ranked"))


def checkers() -> tuple[Checker, ...]:
    """Return the rules that compare bounds of the recipe with the rows written."""
    return tuple(cast("Checker", rule) for rule in _rules() if hasattr(rule, "results"))
