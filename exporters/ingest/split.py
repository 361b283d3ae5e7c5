"""Train or test: a hash of the seed and of a conversation's root decides, and nothing else.

So another record moves nobody, and whatever grows from one first question falls on the same side in
every table: a pair about a later turn beside the conversation that it continues, an example with
its question mended (`Provenance.grown_from`) beside the one that kept it.
"""

from __future__ import annotations

from collections.abc import Sequence

import xxhash

from goldleaf.core.prompt_normalization import normalize_prompt
from goldleaf.core.records import Turn


def root(context: Sequence[Turn], keys: Sequence[str] | None = None) -> str:
    """Return what a conversation grows from: its first question, normalised.

    Other turns count only where nobody asks. `keys`: the turns as `normalized_turns` gives them.
    """
    for place, turn in enumerate(context):
        if turn.role == "user":
            return keys[place] if keys else normalize_prompt(turn.content)
    return normalize_prompt("\n".join(turn.content for turn in context))


def held_out(seed: int, grown_from: str, test: float) -> bool:
    """Tell whether a root is held out for testing; `test` is the share of roots, 0 to 1."""
    return xxhash.xxh3_64_intdigest(f"{seed}|{grown_from}".encode()) < test * 2**64
