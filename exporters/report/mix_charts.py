"""The charts of a report: its figures, drawn by `charts`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from goldleaf.core.escape_invisible import visible
from goldleaf.core.translations import Translations
from goldleaf.exporters.report import figures
from goldleaf.exporters.report.charts import Bar, ShareRow, bar_chart, share_chart
from goldleaf.exporters.report.targets import Told, named

if TYPE_CHECKING:
    import polars as pl

ORIGINS = ("human", "edited", "accepted", "drafted", "shown", "imported", "unknown")
"""As `exporters.census.decisions` says them, what a person did most to first."""


def mix_charts(
    mixes: Mapping[str, Sequence[figures.Mixed]],
    targets: Sequence[Told],
    before: pl.DataFrame,
    words: Translations,
) -> dict[str, tuple[str, str]]:
    """Return use -> charts of the shares of rows and of tokens, where a use has behaviours.

    A share that the recipe bounds stands first, with all the behaviours it is about.
    """
    bounded = [target for target in targets if target.behaviours]
    taken = {name for target in bounded for name in target.behaviours}
    charts: dict[str, tuple[str, str]] = {}
    for use, mixed in mixes.items():
        rows = [
            ShareRow(
                *(named(target.behaviours, words), target.share, target.low, target.high),
                figures.share_before(before, target.behaviours),
            )
            for target in (bounded if use == "sft" else ())
        ]
        tokens: list[ShareRow] = []
        for each in mixed:
            count = each.count
            if not count.behaviour:
                continue
            label = words(f"behaviour.{count.behaviour}")
            tokens.append(ShareRow(label, count.token_share, before=each.before_tokens))
            if use != "sft" or count.behaviour not in taken:
                rows.append(ShareRow(label, count.share, before=each.before_share))
        if tokens:
            charts[use] = (
                share_chart(rows, words, words("report.mix_rows")),
                share_chart(tokens, words, words("report.mix_tokens")),
            )
    return charts


def parts_chart(parts: Sequence[figures.Part], words: Translations, title: str) -> str:
    """Return rows by value, with the examples that there were before."""
    bars = [
        Bar(visible(part.value) or words("report.unstated"), part.rows, part.before)
        for part in parts[: figures.MOST_PROTOTYPES]
    ]
    return bar_chart(bars, words, title)


def lengths_chart(lengths: figures.Lengths, words: Translations) -> str:
    """Return training rows by estimated tokens."""
    bars = [Bar(_range(low, high, words), rows) for low, high, rows in lengths.bins]
    return bar_chart(bars, words, words("report.lengths_chart"))


def origins_chart(origins: Sequence[tuple[str, Mapping[str, int]]], words: Translations) -> str:
    """Return records by origin, all annotators together."""
    totals = {how: sum(ways.get(how, 0) for _, ways in origins) for how in ORIGINS}
    bars = [Bar(words(f"report.{how}"), count) for how, count in totals.items() if count]
    return bar_chart(bars, words, words("report.origins_chart"))


def _range(low: int, high: int, words: Translations) -> str:
    if high:
        return words("report.length_from", low=f"{low:,}", high=f"{high:,}")
    return words("report.length_over", low=f"{low - 1:,}")
