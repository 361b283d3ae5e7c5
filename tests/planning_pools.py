"""Pools of examples and targets for tests of the planner: sizes of strata instead of rows."""

from __future__ import annotations

from typing import Any

from goldleaf.exporters.planning.constraints import Constraints, constraints
from goldleaf.exporters.planning.strata import Strata, strata_of
from goldleaf.exporters.rules.rule import Target
from goldleaf.recipes.recipe import Recipe


def target(name, low=0.0, high=1.0, relative_to="", ratio=0.0) -> Target:
    """Return the target of a share, or of a contrast where `relative_to` is given."""
    return Target(name, f"shares.{name}", "S", (name,), low, high, relative_to, ratio)


def pool(groups, targets, recipe=None) -> tuple[Strata, Constraints]:
    """Return strata and constraints of (size, targets shown, whether core, source)."""
    full: list[Any] = [(*group, *("", False, "")[len(group) - 1 :]) for group in groups]
    strata = strata_of(
        [size for size, *_ in full],
        [[t.name in shown.split() for _, shown, *_ in full] for t in targets],
        core=[core for *_, core, _ in full],
        sources=[source for *_, source in full],
    )
    return strata, constraints(strata, recipe or Recipe(), targets)
