"""The charts of a report: its statistics, drawn with `charts`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from goldleaf.core.charts import (
    Bar,
    IntervalRow,
    ShareRow,
    bar_chart,
    for_page,
    interval_chart,
    share_chart,
)
from goldleaf.core.escape_invisible import escape_invisible
from goldleaf.core.share_interval import Share
from goldleaf.core.translations import Translations
from goldleaf.exporters.planning.behaviour_counts import Count
from goldleaf.exporters.planning.draft_counts import DraftCount
from goldleaf.exporters.planning.targets import TargetRow
from goldleaf.exporters.report import statistics
from goldleaf.exporters.report.target_table import behaviour_names

ORIGINS = ("human", "edited", "accepted", "drafted", "shown", "imported", "unknown")
"""Origins of a text (`exporters.ingest.decisions`), those with most human work first."""


def mix_charts(
    mixes: Mapping[str, Sequence[statistics.BehaviourShare]],
    targets: Sequence[TargetRow],
    words: Translations,
) -> dict[str, tuple[str, str]]:
    """Return use -> (chart of behaviours as shares of rows, of tokens), as SVG.

    A use whose examples show no behaviour has no charts.
    """
    charts: dict[str, tuple[str, str]] = {}
    for use, mixed in mixes.items():
        tokens = [
            ShareRow(
                words(f"behaviour.{each.count.behaviour}"),
                each.count.token_share,
                before=each.before_tokens,
            )
            for each in mixed
            if each.count.behaviour
        ]
        if tokens:
            rows = mix_rows(use, targets, [each.count for each in mixed], words)
            charts[use] = (
                for_page(share_chart, rows, words, words("report.mix_rows")),
                for_page(share_chart, tokens, words, words("report.mix_tokens")),
            )
    return charts


def mix_rows(
    use: str, targets: Sequence[TargetRow], counts: Sequence[Count], words: Translations
) -> list[ShareRow]:
    """Return the shares of rows of one use; those with bounds in the recipe first.

    A bounded share has all the behaviours it is about; each other behaviour has a row of its own.
    """
    bounded = [target for target in targets if target.unit == "share" and target.behaviours]
    bounded = bounded if use == "sft" else []
    taken = {name for target in bounded for name in target.behaviours}
    counts = [count for count in counts if count.use == use]
    before = next((count.before for count in counts if not count.behaviour), 0)
    return [
        *(
            ShareRow(
                behaviour_names(target.behaviours, words),
                target.got,
                target.low or 0.0,
                1.0 if target.high is None else target.high,
                target.before,
            )
            for target in bounded
        ),
        *(
            ShareRow(
                words(f"behaviour.{count.behaviour}"), count.share, before=count.before / before
            )
            for count in counts
            if count.behaviour and count.behaviour not in taken
        ),
    ]


def group_chart(groups: Sequence[statistics.Group], words: Translations, title: str) -> str:
    """Return an SVG chart of rows, and of examples before any rule, for the first 20 groups."""
    bars = [
        Bar(escape_invisible(group.value) or words("report.unstated"), group.rows, group.before)
        for group in groups[: statistics.MOST_PROTOTYPES]
    ]
    return for_page(bar_chart, bars, words, title)


def lengths_chart(lengths: statistics.Lengths, words: Translations) -> str:
    """Return an SVG chart of training rows by estimated tokens."""
    bars = [Bar(_range(low, high, words), rows) for low, high, rows in lengths.bins]
    return for_page(bar_chart, bars, words, words("report.lengths_chart"))


def origins_chart(origins: Sequence[tuple[str, Mapping[str, int]]], words: Translations) -> str:
    """Return an SVG chart of records by origin of their text, all annotators together."""
    totals = {how: sum(ways.get(how, 0) for _, ways in origins) for how in ORIGINS}
    bars = [Bar(words(f"report.{how}"), count) for how, count in totals.items() if count]
    return for_page(bar_chart, bars, words, words("report.origins_chart"))


def drafts_chart(drafts: Sequence[DraftCount], words: Translations) -> str:
    """Return an SVG chart of the share of drafts left as they were, by model version."""
    rows = [
        IntervalRow(
            escape_invisible(each.version),
            (share := Share(each.accepted, each.answers)).value,
            *share.interval,
            note=words("model.of", right=each.accepted, drafts=each.answers),
        )
        for each in most_drafts(drafts)
    ]
    return for_page(interval_chart, rows, words, words("report.drafts_chart"), mark=None)


def most_drafts(drafts: Sequence[DraftCount]) -> list[DraftCount]:
    """Return the model versions with most answers, at most `MOST_VERSIONS`, by name."""
    ordered = sorted(drafts, key=lambda each: (-each.answers, each.version))
    return sorted(ordered[: statistics.MOST_VERSIONS], key=lambda each: each.version)


def _range(low: int, high: int, words: Translations) -> str:
    if high:
        return words("report.length_from", low=f"{low:,}", high=f"{high:,}")
    return words("report.length_over", low=f"{low - 1:,}")
