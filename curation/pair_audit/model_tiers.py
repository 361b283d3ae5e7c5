"""Are both answers of a pair from one model tier: by the names of the models that wrote them."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Literal, TypeAlias, get_args

from goldleaf.core.records import Candidate

Delta: TypeAlias = Literal[
    "own_text", "other_tier", "other_model", "same_tier", "same_model", "unknown"
]
DELTAS: tuple[Delta, ...] = get_args(Delta)
"""What sets the better answer apart, the largest difference first.

A person wrote or edited it; models of clearly different size; different models of which a size is
not named; models of about one size; the same model; no model is named.
"""

OWN = ("edited", "human")
"""Origins of a text that a person made."""

TIER_RATIO = 2.0
"""Sizes are of two tiers where one is at least so many times the other: 3B over 1.5B was enough to
tune an 8B model (The Delta Learning Hypothesis, arXiv 2507.06187)."""

_SIZE = re.compile(r"(?<![\w.])(?:(\d+)x)?(\d+(?:\.\d+)?)\s?([bm])(?![a-z0-9])")


@lru_cache(maxsize=4_096)
def model_size(name: str) -> float | None:
    """Return the size in a model's name in billions of parameters, the largest named; or None.

    >>> model_size("Qwen2.5-3B-Instruct@1a2b"), model_size("smollm2-135m"), model_size("gpt-4o")
    (3.0, 0.135, None)
    """
    found = [
        int(times or 1) * float(size) / (1.0 if unit == "b" else 1_000.0)
        for times, size, unit in _SIZE.findall(name.rpartition("/")[2].split("@")[0].lower())
    ]
    return max(found, default=None)


def delta_of(chosen: Candidate, rejected: Candidate) -> Delta:
    """Return what sets the better answer of a pair apart from the other."""
    if chosen.origin in OWN:
        return "own_text"
    one, other = chosen.drafted_by, rejected.drafted_by
    if not one or not other:
        return "unknown"
    if one.split("@")[0] == other.split("@")[0]:
        return "same_model"
    sizes = model_size(one), model_size(other)
    if sizes[0] is None or sizes[1] is None:
        return "other_model"
    small, large = sorted((sizes[0], sizes[1]))
    return "other_tier" if large >= TIER_RATIO * small else "same_tier"


def larger_won(chosen: Candidate, rejected: Candidate) -> bool | None:
    """Return whether the larger model's answer is the better one; None where that is not known."""
    one, other = model_size(chosen.drafted_by), model_size(rejected.drafted_by)
    if one is None or other is None or one == other or chosen.origin in OWN:
        return None
    return one > other
