"""Train or test: a hash of the seed and the prompt's group decides, and nothing else.

So another record moves nobody, and all rows of one prompt fall on the same side.
"""

from __future__ import annotations

import hashlib
from typing import Literal, TypeAlias

Side: TypeAlias = Literal["train", "test"]


def side(seed: int, group: str, test: float) -> Side:
    """Return the side of a group; `test` is the share held out, 0 to 1."""
    digest = hashlib.sha256(f"{seed}|{group}".encode()).digest()
    return "test" if int.from_bytes(digest[:8]) < test * 2**64 else "train"
