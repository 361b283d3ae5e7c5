"""Shares of behaviours: what is rare in the wild is oversampled, with contrasts.

S12: safety and refusals; 1 % in the wild may be 10-30 % in training. Too many refusals make a model
refuse the harmless (3 % sufficed for Safety-Tuned LLaMAs; Tulu 3 has 11.8 % safety rows *with
benign contrast*), so benign twins are counted against distinct refusals, outside their share.
S13: tool calls and special formats must be reinforced, or the model "sometimes forgets"; rows in
which tools are declared and none is called are the contrast, or the model learns to call always.
S15: multi-turn dialogue and reasoning chains are oversampled; S4: so are reflection chains (draft,
critique, revision), which experts are paid for. S11: what counts is coverage of the behaviours that
the user names, so a recipe's own have shares, too.

Which built-in behaviours have one, in which order and why, is in `core/behaviours.toml`. The rarer
come first, because a row belongs to the first that it fits; a recipe's own come last.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from goldleaf.core.behaviours import BUILT_IN, ShareSetting
from goldleaf.exporters.rules.rule import Target

if TYPE_CHECKING:
    from goldleaf.recipes.recipe import Recipe

ORDER = 100
OWN_REQUIREMENT = "S11"


def targets(recipe: Recipe) -> tuple[Target, ...]:
    """Return the bounds and contrasts of every behaviour that the recipe gives a share."""
    settings = {name: known.share for name, known in BUILT_IN.items() if known.share is not None}
    ordered = sorted(settings, key=lambda name: settings[name].order)
    asked = [target for name in ordered for target in _built_in(name, settings[name], recipe)]
    shares = recipe.shares.each()
    own = ((name, shares[name]) for name in recipe.behaviours if name in shares)
    asked += [
        Target(name, f"shares.{name}", OWN_REQUIREMENT, (name,), share.min, share.max)
        for name, share in own
        if share.min > 0 or share.max < 1
    ]
    return tuple(asked)


def _built_in(name: str, setting: ShareSetting, recipe: Recipe) -> Iterator[Target]:
    share, key = recipe.shares.each()[name], f"shares.{name}"
    contrast = setting.contrast
    ratio: float = getattr(share, contrast.key) if contrast else 0.0
    if share.min > 0 or share.max < 1 or ratio > 0:
        yield Target(name, key, setting.requirement, setting.counts, share.min, share.max)
    if contrast and ratio > 0:
        yield Target(
            contrast.behaviour,
            f"{key}.{contrast.key}",
            setting.requirement,
            (contrast.behaviour,),
            relative_to=name,
            ratio=ratio,
        )
