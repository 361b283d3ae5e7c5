"""What a plan finds: targets missed, demands that contradict each other, what mends them."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


def percent(share: float) -> str:
    """Return a share for a person: `12.5 %`."""
    return f"{100 * share:.1f} %"


@dataclass(frozen=True, slots=True)
class Shortfall:
    """A target that was not met. `key` is its path in the recipe, `rule` its requirement.

    `wanted` and `got` are rows, or shares where `unit` is `share`; `got` may lie above, for a
    ceiling. `annotations`: how many more distinct examples would meet it with repeats at their cap
    and all else as it is, 0 where more examples cannot mend it.
    """

    key: str
    rule: str
    unit: str
    wanted: float
    got: float
    annotations: int = 0

    def told(self) -> tuple[str, str]:
        """Return what was wanted and what was got, for a person."""
        if self.unit == "share":
            return percent(self.wanted), percent(self.got)
        return f"{self.wanted:,.0f}", f"{self.got:,.0f}"

    def plain(self) -> dict[str, Any]:
        """Return the shortfall as it goes into the manifest."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Change:
    """The least change of one number that mends a conflict.

    `key` is its path in the recipe, or `examples.<behaviour>` for distinct examples to add to the
    pool (`examples.other`: without targeted behaviours). `was` and `to` are shares where `unit` is
    `share`, rows for every distinct example where it is `ratio`, else counts (`rows`, `times`,
    `examples`). `to` is None where no value mends it.
    """

    key: str
    unit: str
    was: float
    to: float | None

    def told(self) -> tuple[str, str]:
        """Return what it was and what it must be, for a person."""
        return self._told(self.was), "" if self.to is None else self._told(self.to)

    def _told(self, number: float) -> str:
        if self.unit == "share":
            return f"{100 * number:.2f} %"
        return f"{number:g}" if self.unit == "ratio" else f"{number:,.0f}"


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
