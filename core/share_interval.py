"""A share of a count, with the interval that says how sure it is."""

from __future__ import annotations

import math
from dataclasses import dataclass

_Z = 1.959963984540054
"""Standard normal quantile of a two-sided interval of 95 %."""


@dataclass(frozen=True, slots=True)
class Share:
    """`right` of `count`, with the interval of 95 % of the share (Wilson 1927); 0 to 1."""

    right: int
    count: int

    @property
    def value(self) -> float:
        """The share, 0 for none of none."""
        return self.right / self.count if self.count else 0.0

    @property
    def interval(self) -> tuple[float, float]:
        """Low and high; 0 and 1 for none of none."""
        if not self.count:
            return 0.0, 1.0
        n, z = self.count, _Z
        middle = (self.value + z * z / (2 * n)) / (1 + z * z / n)
        spread = math.sqrt(self.value * (1 - self.value) / n + z * z / (4 * n * n))
        half = z / (1 + z * z / n) * spread
        return max(0.0, middle - half), min(1.0, middle + half)
