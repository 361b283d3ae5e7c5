"""What an export came to, as sections: for the terminal and for a notebook."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from goldleaf.core.notebook import Section
from goldleaf.core.translations import Translations
from goldleaf.exporters.report.conflict_text import conflict_text
from goldleaf.exporters.rules.target_result import TargetResult, percent

if TYPE_CHECKING:
    from goldleaf.exporters.export import Outcome


def export_sections(outcome: Outcome, words: Translations) -> Iterator[Section]:
    """Yield what an export came to: counts, reasons, balance, what to review, conflicts, files."""
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
    rows = [(key, words(f"reason.{why}")) for why, key in outcome.reviews.first[:SHOWN]]
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
        (short.key, short.rule, *short.for_reader(), _mend(short, words))
        for short in outcome.shortfalls
    ]
    columns = ("balance.shortfalls", "balance.rule", "balance.wanted", "balance.got")
    return Section(head=[*map(words, columns), words("plan.missing")], rows=rows)


def _mend(short: TargetResult, words: Translations) -> str:
    """Return how many more examples would do, where more can do."""
    return words("plan.annotations", count=f"{short.annotations:,}") if short.annotations else ""
