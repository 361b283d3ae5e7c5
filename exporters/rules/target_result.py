"""One bound of a recipe held against rows: what was wanted, what is there, what is missing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor
from typing import Any, Literal


def exact(share: float) -> Fraction:
    """Return a share as a recipe writes it: 0.1 is a tenth, not the float nearest to it."""
    return Fraction(str(share))


def percent(share: float) -> str:
    """Return a share from 0 to 1 for a person, as `12.5 %`."""
    return f"{100 * share:.1f} %"


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetResult:
    """One bound of the recipe and what came out, met or not.

    `key` is the bound's path in the recipe, `rule` its requirement, `least` whether it is a minimum
    or a maximum. `wanted` is a share of the `of` rows, or rows where `of` is None; `rows` are those
    that count. `annotations`: how many more distinct examples would meet it with repeats at their
    cap and all else as it is, 0 where more examples cannot. `behaviours`: what a share or a
    contrast is about, none for sizes and other bounds; `relative_to`: the behaviours whose distinct
    examples a contrast is measured by.
    """

    key: str
    rule: str
    least: bool
    wanted: float
    rows: int
    of: int | None = None
    annotations: int = 0
    behaviours: tuple[str, ...] = ()
    relative_to: tuple[str, ...] = ()

    @property
    def unit(self) -> Literal["share", "rows"]:
        """Return what `wanted` and `got` are: shares from 0 to 1, or rows."""
        return "rows" if self.of is None else "share"

    @property
    def got(self) -> float:
        """Return what came out, in the same unit as `wanted`; shares to a millionth."""
        return self.rows if self.of is None else round(self.unrounded, 6)

    @property
    def unrounded(self) -> float:
        """Return what came out to the last digit, for charts."""
        if self.of is None:
            return self.rows
        return self.rows / self.of if self.of else 0.0

    @property
    def missed(self) -> bool:
        """Return whether the bound is missed: minimums round up to whole rows, maximums down."""
        bound = exact(self.wanted) * (1 if self.of is None else self.of)
        return self.rows < ceil(bound) if self.least else self.rows > floor(bound)

    @property
    def group(self) -> str:
        """Return what the bound is on: `total`, `core`, `shares.refusal`, or its own key."""
        name, _, bound = self.key.rpartition(".")
        return name if bound in ("min", "max", "size") else self.key

    def for_reader(self) -> tuple[str, str]:
        """Return what was wanted and what was got, for a person: `12.5 %`, or `1,000` rows."""
        if self.unit == "share":
            return percent(self.wanted), percent(self.got)
        return f"{self.wanted:,.0f}", f"{self.got:,.0f}"

    def plain(self) -> dict[str, Any]:
        """Return the result as it goes into the manifest."""
        names = ("key", "rule", "unit", "wanted", "got", "annotations")
        return {name: getattr(self, name) for name in names}


def at_least(key: str, rule: str, wanted: int | None, rows: int) -> Iterator[TargetResult]:
    """Yield the result of a minimum of rows; every missing row is one more example to annotate.

    Args:
        key: its path in the recipe.
        rule: its requirement.
        wanted: None where the recipe sets none; nothing is yielded then.
        rows: those there are.
    """
    if wanted is not None:
        missing = max(0, wanted - rows)
        yield TargetResult(
            key=key, rule=rule, least=True, wanted=wanted, rows=rows, annotations=missing
        )


def at_most(key: str, rule: str, wanted: int | None, rows: int) -> Iterator[TargetResult]:
    """Yield the result of a maximum of rows, none for None; arguments as for `at_least`."""
    if wanted is not None:
        yield TargetResult(key=key, rule=rule, least=False, wanted=wanted, rows=rows)
