"""S15: multi-turn dialogue and reasoning chains are oversampled in the final recipe.

Reflection chains (draft, critique, revision) stand with them: S4 names them beside dialogues and
refusals as what experts are paid for.
"""

from __future__ import annotations

from goldleaf.exporters.recipes.recipe import Recipe
from goldleaf.exporters.rules.rule import Target

STEP = 120
RULES = {"reflection": "S4", "reasoning_chain": "S15", "multi_turn": "S15"}


def targets(recipe: Recipe) -> tuple[Target, ...]:
    """Return the bounds of each, the rarer first, because a row belongs to the first it fits."""
    shares = recipe.shares.each()
    bounds = ((name, rule, shares[name]) for name, rule in RULES.items())
    return tuple(
        Target(name, f"shares.{name}", rule, (name,), share.min, share.max)
        for name, rule, share in bounds
        if share.min > 0 or share.max < 1
    )
