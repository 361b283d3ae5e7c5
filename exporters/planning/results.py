"""Constraints of a recipe that cannot all be met, and the least change of each that resolves it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Change:
    """The least change of one number that resolves a conflict.

    `key` is its path in the recipe, or `examples.<behaviour>` for distinct examples to add to the
    pool (`examples.other`: without targeted behaviours). `was` and `to` are shares where `unit` is
    `share`, rows for every distinct example where it is `ratio`, else counts (`rows`, `times`,
    `examples`). `to` is None where no value resolves it.
    """

    key: str
    unit: str
    was: float
    to: float | None


@dataclass(frozen=True, slots=True)
class Conflict:
    """Constraints that cannot all be met; without any one of them the others can (irreducible).

    `members` are keys of the recipe, and `keep` for "nothing is left out to make room". `changes`
    has one for every member that is a number, and one for the examples that are missing.
    """

    members: tuple[str, ...]
    changes: tuple[Change, ...]

    def plain(self) -> dict[str, Any]:
        """Return the conflict as it goes into the manifest."""
        return asdict(self)
