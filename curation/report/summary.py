"""The result of a curation, as the terminal and a notebook show it."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from goldleaf.core.notebook import Section, Shown
from goldleaf.core.translations import Translations
from goldleaf.curation.contamination.evaluation_sets import evaluation_sets
from goldleaf.curation.pair_audit.audit_page import pair_sections
from goldleaf.curation.pair_audit.pair_audit import PairAudit
from goldleaf.curation.report.funnel import FunnelStep, VerdictCount


@dataclass(frozen=True, slots=True, kw_only=True)
class CurationSummary(Shown):
    """What a curation read and found.

    `read`: inputs; `rejected`: reason -> inputs that gave no record; `records`: different records;
    `merged`: records that were equal to one of them; `verdicts`: counts of each; `funnel`: what is
    left after each screen, by the profiles; `facts`: what screens say of the whole set;
    `pair_audit`: what comparisons teach beside what was meant; `order`: the lines of
    `records.jsonl`, counted from 0, in the order of the inputs.
    """

    out: Path
    read: int
    rejected: Mapping[str, int]
    records: int
    merged: int
    verdicts: tuple[VerdictCount, ...]
    funnel: tuple[FunnelStep, ...]
    facts: Mapping[str, Any]
    pair_audit: PairAudit | None = None
    order: Sequence[int] = field(default=(), compare=False, repr=False)

    @property
    def usable(self) -> int:
        """Records that no profile leaves out."""
        return self.funnel[-1].after if self.funnel else self.records

    def plain(self) -> dict[str, Any]:
        """Return the result as JSON."""
        return {
            "out": str(self.out),
            "read": self.read,
            "rejected": dict(sorted(self.rejected.items())),
            "records": self.records,
            "merged": self.merged,
            "usable": self.usable,
            "verdicts": [count.plain() for count in self.verdicts],
            "facts": self.facts,
            "pair_audit": self.pair_audit.plain() if self.pair_audit else None,
        }

    def sections(self, words: Translations) -> Iterator[Section]:
        """Return sums, the verdicts of every screen, and where the page is."""
        sums = {"read": self.read, "rejected": sum(self.rejected.values())}
        sums |= {"records": self.records, "usable": self.usable}
        yield Section(rows=[(words(f"curate.{name}"), f"{n:,}") for name, n in sums.items()])
        if self.rejected:
            rows = [(words.explained(why), f"{n:,}") for why, n in sorted(self.rejected.items())]
            listed = words("curate.rejected_listed", file=self.out / "rejected.jsonl")
            yield Section(title=words("curate.rejected_why"), rows=rows, text=listed)
        head = [words(f"curate.{name}") for name in ("screen", "verdict", "flagged", "action")]
        rows = [
            (
                title_of(words, count.screen),
                title_of(words, count.screen, count.verdict),
                f"{count.records:,}",
                words.listed(
                    f"{words(f'action.{action}')} {n:,}" for action, n in count.actions.items()
                ),
            )
            for count in self.verdicts
        ]
        if rows:
            yield Section(title=words("curate.found"), head=head, rows=rows)
        compared = self.facts.get("contamination", {}).get("evaluation_prompts")
        if compared == 0 and not self.facts.get("evaluation_sets"):
            names = ", ".join(evaluation_sets())
            yield Section(text=words("curate.nothing_compared", names=names))
        if self.facts.get("style", {}).get("style_collapsed"):
            yield Section(text=words("curate.collapsed"))
        if self.pair_audit is not None:
            yield from pair_sections(self.pair_audit, words)
        records = shlex.quote(str(self.out / "records.jsonl"))
        yield Section(text=words("curate.next", out=self.out, records=records), commands=True)


def title_of(words: Translations, screen: str, verdict: str = "") -> str:
    """Return the title of a screen or verdict; another package's has its name alone."""
    name = f"{screen}.{verdict}" if verdict else screen
    return words.known(f"screen.{name}") or (verdict or screen).replace("_", " ")
