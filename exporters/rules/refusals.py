"""S12: safety and refusals must be oversampled; 1 % in the wild may be 10-30 % in training.

Too many refusals make a model refuse the harmless (3 % sufficed for Safety-Tuned LLaMAs; Tulu 3
has 11.8 % safety rows *with benign contrast*), so harmless look-alikes that are answered helpfully
stand beside them and are counted against distinct refusals, outside the refusals' share.
"""

from __future__ import annotations

from goldleaf.exporters.recipes.recipe import Recipe
from goldleaf.exporters.rules.rule import Target

STEP = 100


def targets(recipe: Recipe) -> tuple[Target, ...]:
    """Return the bounds of refusals and safe completions together, and their benign twins."""
    share = recipe.shares.refusal
    key, behaviours = "shares.refusal", ("refusal", "safe_completion")
    asked: list[Target] = []
    if share.min > 0 or share.max < 1 or share.benign_twins > 0:
        asked.append(Target("refusal", key, "S12", behaviours, share.min, share.max))
    if share.benign_twins > 0:
        twins, ratio = f"{key}.benign_twins", share.benign_twins
        asked.append(
            Target("benign_twin", twins, "S12", ("benign_twin",), beside="refusal", ratio=ratio)
        )
    return tuple(asked)
