"""What a plan finds: recipes that contradict themselves or what is there, and what would mend it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Change:
    """The least change of one number that mends a conflict.

    `key` is its path in the recipe, or `examples.<behaviour>` for what the pool holds; `was` and
    `to` are shares where `unit` is `share`, else counts. `to` is None where no value mends it.
    """

    key: str
    unit: str
    was: float
    to: float | None


@dataclass(frozen=True, slots=True)
class Conflict:
    """Demands that cannot all be met; without any one of them the others can (irreducible).

    `members` are keys of the recipe, and `keep` for "nothing is left out to make room". `changes`
    has one for every member that is a number, and one for the examples that are missing.
    """

    members: tuple[str, ...]
    changes: tuple[Change, ...]

    def plain(self) -> dict[str, Any]:
        """Return the conflict as it goes into the manifest."""
        return asdict(self)
