"""The train/test split: decided by a hash of the seed and of a conversation's first question.

So a new record moves no other one, and everything that starts with one first question is on the
same side in every table: a pair about a later turn and the conversation that it continues, an
example with an edited question (`Provenance.grown_from`) and the one with the original.
"""

from __future__ import annotations

from collections.abc import Sequence

import xxhash

from goldleaf.core.prompt_normalization import normalize_prompt
from goldleaf.core.records import Turn


def root(context: Sequence[Turn], keys: Sequence[str] | None = None) -> str:
    """Return the first question of a conversation, normalised, which decides its side.

    Without a user turn all turns count. `keys`: the turns as `normalized_turns` returns them.
    """
    for place, turn in enumerate(context):
        if turn.role == "user":
            return keys[place] if keys else normalize_prompt(turn.content)
    return normalize_prompt("\n".join(turn.content for turn in context))


def held_out(seed: int, grown_from: str, test: float) -> bool:
    """Return whether a conversation is held out for testing.

    Args:
        seed: of the recipe.
        grown_from: the conversation's first question (see `root`), or its cluster of prompts.
        test: the share of first questions to hold out, 0 to 1.
    """
    return xxhash.xxh3_64_intdigest(f"{seed}|{grown_from}".encode()) < test * 2**64
