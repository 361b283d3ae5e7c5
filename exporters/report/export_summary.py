"""The result of an export, and its sections for the terminal and a notebook."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from goldleaf.agreement.review import NO_REVIEWS, Reviews
from goldleaf.core.notebook import Section, Shown
from goldleaf.core.translations import Translations
from goldleaf.exporters.planning.behaviour_counts import Count
from goldleaf.exporters.planning.results import Conflict
from goldleaf.exporters.report.conflict_text import conflict_text
from goldleaf.exporters.rules.target_result import TargetResult, percent
from goldleaf.trainers.table import Table


@dataclass(frozen=True, slots=True)
class Outcome(Shown):
    """The result of an export: `answers`, `records` and `reasons` as in the manifest.

    `counts`: rows of every behaviour, before and after; `shortfalls`: targets of the recipe that
    were not met; `conflicts`: which targets cannot all be met; `reviews`:
    inputs that a person should look at.
    """

    out: Path
    answers: Mapping[str, int]
    records: Mapping[str, int]
    reasons: Mapping[str, Mapping[str, int]]
    tables: tuple[Table, ...] = ()
    refused: Mapping[str, Mapping[str, int]] = field(default_factory=dict[str, dict[str, int]])
    counts: tuple[Count, ...] = ()
    shortfalls: tuple[TargetResult, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    reviews: Reviews = NO_REVIEWS

    @property
    def rows(self) -> int:
        """Return how many rows were written, train and test rows of all tables and formats."""
        return sum(sum(table.rows.values()) for table in self.tables)

    def sections(self, words: Translations) -> Iterator[Section]:
        """Return the sections that `goldleaf export` prints."""
        return export_sections(self, words)

    def plain(self) -> dict[str, Any]:
        """Return the outcome as `goldleaf export --json` prints it."""
        return {
            "out": self.out,
            "answers": self.answers,
            "records": self.records,
            "reasons": self.reasons,
            "behaviours": [count.plain() for count in self.counts],
            "shortfalls": [shortfall.plain() for shortfall in self.shortfalls],
            "conflicts": [conflict.plain() for conflict in self.conflicts],
            "review": self.reviews.plain(),
            "files": {name: n for t in self.tables for name, n in t.files().items()},
        }


def export_sections(outcome: Outcome, words: Translations) -> Iterator[Section]:
    """Yield the sections of an export's result: counts, reasons, balance, reviews, files."""
    counts = [
        *((words(f"export.answers_{name}"), n) for name, n in outcome.answers.items()),
        *((words(f"export.records_{name}"), n) for name, n in outcome.records.items()),
    ]
    why = [
        (words(f"export.{fate}"), words.reason(reason), n)
        for fate, reasons in outcome.reasons.items()
        for reason, n in sorted(reasons.items())
    ] + [
        (words("export.refused", format=format), words.reason(reason), n)
        for format, reasons in sorted(outcome.refused.items())
        for reason, n in sorted(reasons.items())
    ]
    files = [
        (str(outcome.out / name), words("export.rows", count=n))
        for t in outcome.tables
        for name, n in t.files().items()
    ]
    yield from (Section(rows=counts), Section(rows=why))
    yield from (_behaviours(outcome, words), _shortfalls(outcome, words))
    yield from _reviews(outcome, words)
    yield from (Section(text=conflict_text(conflict, words)) for conflict in outcome.conflicts)
    yield Section(rows=files)


SHOWN = 20
"""Inputs to review that the terminal names; manifest and report name more."""


def _reviews(outcome: Outcome, words: Translations) -> Iterator[Section]:
    """Yield which inputs a person should look at, and why."""
    if not outcome.reviews.total:
        return
    rows = [
        (key, words.known(f"reason.{why}") or why) for why, key in outcome.reviews.first[:SHOWN]
    ]
    left = outcome.reviews.total - len(rows)
    more = words("why.and_more", count=left) if left else ""
    yield Section(title=words("report.review_intro"), rows=rows, text=more)


def _behaviours(outcome: Outcome, words: Translations) -> Section:
    columns = ("use", "behaviour", "before", "examples", "train", "share", "test")
    rows = [
        (
            *(
                count.use,
                words(f"behaviour.{name}") if name else words("balance.all"),
                count.before,
            ),
            *(count.examples, count.train, percent(count.share), count.test),
        )
        for count in outcome.counts
        for name in [count.behaviour]
    ]
    return Section(head=[words(f"balance.{column}") for column in columns], rows=rows)


def _shortfalls(outcome: Outcome, words: Translations) -> Section:
    rows = [
        (short.key, short.rule, *short.for_reader(), _fix(short, words))
        for short in outcome.shortfalls
    ]
    columns = ("balance.shortfalls", "balance.rule", "balance.wanted", "balance.got")
    return Section(head=[*map(words, columns), words("plan.missing")], rows=rows)


def _fix(short: TargetResult, words: Translations) -> str:
    """Return how many more examples meet a missed target, where more can."""
    return words("plan.annotations", count=f"{short.annotations:,}") if short.annotations else ""
