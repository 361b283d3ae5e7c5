"""How many answers over drafts left them as they were, by model version."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import polars as pl

from goldleaf.exporters.ingest.draft_outcomes import OUTCOMES


@dataclass(frozen=True, slots=True)
class DraftCount:
    """Answers that began from drafts of one model version.

    `accepted`: all left as it was; `edited`: a drafted text was changed; `overruled`: only drafted
    choices were answered otherwise. Of all answers read, whether or not they gave a row.
    """

    version: str
    accepted: int = 0
    edited: int = 0
    overruled: int = 0

    @property
    def answers(self) -> int:
        """How many there are."""
        return self.accepted + self.edited + self.overruled

    def plain(self) -> dict[str, Any]:
        """Return it as the manifest has it."""
        return asdict(self)


def draft_counts(drafts: pl.DataFrame) -> tuple[DraftCount, ...]:
    """Return the counts of every model version, by name.

    Args:
        drafts: the columns of `ingest.draft_outcomes.draft_schema`; an answer may be there several
            times, for each record that it gave. Its newest state counts, once.
    """
    ordered = drafts.sort("answer", "updated_at", "outcome", "version")
    answers = ordered.unique("answer", keep="last", maintain_order=True)
    counted: dict[str, dict[str, int]] = {}
    for version, outcome, count in answers.group_by("version", "outcome").len().iter_rows():
        counted.setdefault(str(version), {})[OUTCOMES[int(outcome)]] = int(count)
    return tuple(DraftCount(version, **counts) for version, counts in sorted(counted.items()))
