"""How often drafts were right at each confidence: a calibration curve, in bins.

Right means left as it was by the person who answered over the draft. Drafts pull answers along, so
the curve is kind to the model; a bin that is below its confidence all the same is one to act on.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from goldleaf.core.share_interval import Share

EDGES = (0.0, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 1.0)
"""Ends of the bins. A choice is drafted at high confidence only, so the upper ones are narrow."""


@dataclass(slots=True)
class Bin:
    """Drafts whose confidence is from `low` to `high`, the last bin's own high included."""

    low: float
    high: float
    drafts: int = 0
    right: int = 0
    confidences: float = 0.0

    @property
    def confidence(self) -> float:
        """Mean confidence of its drafts; 0 without any."""
        return self.confidences / self.drafts if self.drafts else 0.0

    @property
    def share(self) -> Share:
        """The share that was right, with its interval (Wilson 1927, 95 %)."""
        return Share(self.right, self.drafts)

    def plain(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        low, high = self.share.interval
        return {
            "from": self.low,
            "to": self.high,
            "drafts": self.drafts,
            "right": self.right,
            "mean_confidence": round(self.confidence, 4),
            "accuracy": round(self.share.value, 4),
            "interval": [round(low, 4), round(high, 4)],
        }


def _bins() -> list[Bin]:
    return [Bin(low, high) for low, high in pairwise(EDGES)]


@dataclass(slots=True)
class CalibrationCurve:
    """The curve of one control, all model versions together."""

    bins: list[Bin] = field(default_factory=_bins)

    def add(self, confidence: float, right: bool) -> None:
        """Count a draft; `confidence` is 0 to 1."""
        bin = self.bins[min(bisect_right(EDGES, confidence), len(self.bins)) - 1]
        bin.drafts += 1
        bin.right += right
        bin.confidences += confidence

    @property
    def filled(self) -> list[Bin]:
        """The bins that have drafts, the least confidence first."""
        return [bin for bin in self.bins if bin.drafts]

    def plain(self) -> list[dict[str, Any]]:
        """Return the bins that have drafts, as JSON has them."""
        return [bin.plain() for bin in self.filled]
