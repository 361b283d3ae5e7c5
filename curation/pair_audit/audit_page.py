"""An audit of pairs for people: sections of a terminal or notebook, and a part of an HTML page."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from goldleaf.core.charts import Bar, IntervalRow, bar_chart, for_page, interval_chart
from goldleaf.core.html_page import render_part
from goldleaf.core.notebook import Section
from goldleaf.core.translations import Translations
from goldleaf.curation.pair_audit.advice import (
    Called,
    advice,
    interval_text,
    percent,
    range_text,
    who_of,
)
from goldleaf.curation.pair_audit.biases import BiasRate
from goldleaf.curation.pair_audit.pair_audit import CAP, PairAudit

MOST = 20
"""Annotators on a page: those with a bias, then those with most choices."""


def pair_sections(audit: PairAudit, words: Translations) -> Iterator[Section]:
    """Yield the sections of `goldleaf plan` about pairs."""
    counts = {"count": audit.pairs, "near": audit.near}
    if audit.choices:
        counts |= {"choices": audit.choices, "ties": audit.ties}
    rows = [(words(f"pairs.{name}"), f"{number:,}") for name, number in counts.items()]
    yield Section(title=words("pairs.title"), rows=rows)
    deltas = [(words(f"pairs.delta_{name}"), f"{n:,}") for name, n in audit.deltas.items()]
    yield Section(title=words("pairs.delta"), rows=deltas)
    gaps = list(_gap_rows(audit, words))
    yield Section(title=words("pairs.gaps"), head=_gap_head(words), rows=gaps)
    head = [words(f"pairs.{name}") for name in ("annotator", "what", "rate", "interval", "state")]
    rates = [_rate_row(rate, words, str) for rate in _shown(audit)]
    yield Section(title=words("pairs.rates"), head=head, rows=rates)
    for part, texts in _advice(audit, words, str).items():
        if texts:
            yield Section(title=words(f"pairs.{part}"), text="\n".join(f"- {t}" for t in texts))


def pair_part(audit: PairAudit, words: Translations, called: Called = str) -> str:
    """Return the section `pairs` of a page as HTML.

    Args:
        audit: what was found.
        words: the reader's language.
        called: what annotators are called on the page.
    """
    shown = _shown(audit)
    context: dict[str, Any] = {
        "w": words,
        "audit": audit,
        "cap": CAP,
        "advice": _advice(audit, words, called),
        "gap_head": _gap_head(words),
        "gap_rows": list(_gap_rows(audit, words)),
        "rate_rows": [(rate.reported, _rate_row(rate, words, called)) for rate in shown],
        "contradictions": list(_contradictions(audit, words, called)),
        "delta_chart": _delta_chart(audit, words),
        "over_chart": _over_chart(audit, words),
        "rate_chart": rate_chart(shown, words, called) if shown else "",
    }
    return render_part("goldleaf.curation.pair_audit", "pair_audit.html.jinja", context)


def rate_chart(
    rates: list[BiasRate] | tuple[BiasRate, ...], words: Translations, called: Called = str
) -> str:
    """Return a chart of position and length rates with their intervals, as SVG."""
    rows = [
        IntervalRow(
            words(f"pairs.{rate.measure}_of", who=who_of(rate, words, called)),
            *(rate.rate, rate.low, rate.high, rate.reported),
            words("pairs.of", hits=f"{rate.hits:,}", trials=f"{rate.trials:,}"),
        )
        for rate in rates
    ]
    return for_page(interval_chart, rows, words, words("pairs.rates_chart"))


def _advice(audit: PairAudit, words: Translations, called: Called) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {"found": [], "drop": [], "collect": []}
    for each in advice(audit, words, called):
        found[each.part].append(each.text)
    return found


def _shown(audit: PairAudit) -> list[BiasRate]:
    """Return the rates to show: the set's, then those of the annotators to look at."""
    people = {rate.annotator: 0 for rate in audit.rates if rate.annotator}
    reported = {rate.annotator for rate in audit.rates if rate.reported}
    for rate in audit.rates:
        if rate.annotator:
            people[rate.annotator] = max(people[rate.annotator], rate.trials)
    order = sorted(people, key=lambda who: (who not in reported, -people[who], who))[:MOST]
    kept = {"": -1, **{who: place for place, who in enumerate(order)}}
    rates = [rate for rate in audit.rates if rate.annotator in kept]
    return sorted(rates, key=lambda rate: (kept[rate.annotator], rate.measure))


def _rate_row(rate: BiasRate, words: Translations, called: Called) -> tuple[str, ...]:
    counts = {"hits": f"{rate.hits:,}", "trials": f"{rate.trials:,}"}
    return (
        who_of(rate, words, called),
        words("pairs.first" if rate.measure == "first" else "pairs.longer"),
        f"{percent(rate.rate)} ({words('pairs.of', **counts)})",
        interval_text(rate),
        words("pairs.reported" if rate.reported else "pairs.unbiased"),
    )


def _gap_head(words: Translations) -> list[str]:
    names = ("class", "count", "median_chars", "median_tokens")
    head = [words(f"pairs.{name}") for name in names]
    return [*head, words("pairs.over", cap=CAP), words("pairs.longer"), words("pairs.interval")]


def _gap_rows(audit: PairAudit, words: Translations) -> Iterator[tuple[str, ...]]:
    for gap in audit.gaps:
        share = gap.longer / gap.unequal if gap.unequal else 0.5
        yield (
            words(f"pairs.class_{gap.pair_class or 'all'}"),
            f"{gap.pairs:,}",
            f"{gap.median_chars:+,.0f}",
            f"{gap.median_tokens:+,.0f}",
            f"{gap.over:,} ({percent(gap.over / gap.pairs)})",
            percent(share),
            range_text(gap.low, gap.high),
        )


def _delta_chart(audit: PairAudit, words: Translations) -> str:
    bars = [Bar(words(f"pairs.delta_{name}"), n) for name, n in audit.deltas.items()]
    return for_page(bar_chart, bars, words, words("pairs.delta"))


def _over_chart(audit: PairAudit, words: Translations) -> str:
    bars = [
        Bar(
            words(f"pairs.class_{gap.pair_class or 'all'}"),
            gap.over,
            text=f"{gap.over:,} ({percent(gap.over / gap.pairs)})",
        )
        for gap in audit.gaps
    ]
    return for_page(bar_chart, bars, words, words("pairs.over_chart", cap=CAP))


def _contradictions(audit: PairAudit, words: Translations, called: Called) -> Iterator[str]:
    for each in audit.contradictions:
        tasks = [words("pairs.task", project=project, task=task) for project, task in each.tasks]
        yield words("pairs.contradiction", who=called(each.annotator), tasks=words.listed(tasks))
