"""Why tasks got no draft, and what would change that: the lines under a summary of drafts."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from goldleaf.core.translations import Translations


@dataclass
class Undrafted:
    """Tasks without a draft, by reason code.

    `learned_from` is the number of answers that the project's model knows; None without a model
    that learns.
    """

    reasons: Counter[str] = field(default_factory=Counter[str])
    learned_from: int | None = None

    def lines(self, words: Translations) -> list[str]:
        """Return a line a reason, most tasks first, and one that says when a model takes over."""
        lines: list[str] = []
        for reason, count in sorted(self.reasons.items(), key=lambda pair: (-pair[1], pair[0])):
            text = words.known(f"undrafted.{reason}") or reason.replace("_", " ")
            lines.append(words("undrafted.line", count=count, reason=text))
        if lines and self.learned_from is not None:
            from goldleaf.backend.training.thresholds import fewest

            key = "undrafted.learned" if self.learned_from else "undrafted.not_yet"
            lines.append(words(key, count=self.learned_from, needed=fewest()))
        return lines
