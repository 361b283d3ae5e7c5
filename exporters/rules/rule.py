"""What a rule offers, and the columns it may look at."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import polars as pl

    from goldleaf.exporters.recipe import Recipe

COLUMNS = {
    "number": "place in the order of record ids; unique",
    "record": "id of the record it comes from",
    "pair": "id of the pair, as its row says it",
    "group": "hash of the normalised prompt",
    "prompt": "hash of the context and tools as a reader sees them",
    "chosen": "hash of the better answer as a reader sees it",
    "rejected": "hash of the other answer",
    "strength": "0 tie, 1 slight or unknown, 2 strong",
    "luck": "hash of the seed and the pair: a draw that knows no order",
}
"""One row a pair. A rule sees those that the rules before it left."""


class Rule(Protocol):
    """A module of this folder, or one that another package offers under `goldleaf.rules`."""

    REASON: str
    """Stable code in the ledger."""

    STEP: int
    """Rules run by step, then by reason."""

    def dropped(self, pairs: pl.DataFrame, recipe: Recipe) -> pl.Series:
        """Return the `number` of every pair that this rule takes away."""
        ...
