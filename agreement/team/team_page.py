"""The page of a team as HTML, and the same as sections for a terminal or notebook."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

from goldleaf.agreement.team.reading_speed import CHINESE_PER_SECOND, LATIN_PER_SECOND
from goldleaf.agreement.team.team_review import Named, TeamReview
from goldleaf.agreement.team.workload import Workload
from goldleaf.core.charts import Bar, bar_chart, for_page
from goldleaf.core.html_page import render_page
from goldleaf.core.notebook import Section
from goldleaf.core.translations import Translations
from goldleaf.curation.pair_audit.advice import percent, range_text
from goldleaf.curation.pair_audit.audit_page import rate_chart

Called = Callable[[str], str]

MOST_PAIRS = 60
"""Rows of agreement between two people."""


def team_page(review: TeamReview, lang: str, accounts: Mapping[str, str]) -> str:
    """Return the page.

    Args:
        review: what it shows.
        lang: `en` or `zh`.
        accounts: pseudonym -> what the page calls the annotator; a pseudonym that is not in it is
            shown as it is.
    """
    words = Translations(lang)

    def called(who: str) -> str:
        return accounts.get(who, who) or words("team.unnamed")

    rates = [rate for rate in review.rates if rate.trials]
    # Where all always say the same, a table of each two people says nothing.
    differ = {(row["kind"], row["control"]) for row in review.controls if row["percent"] < 1}
    pairs = [row for row in review.pairs if (row["kind"], row["control"]) in differ]
    answered = [Bar(called(one.annotator), one.submitted) for one in review.work[:30]]
    context: dict[str, Any] = {
        "w": words,
        "review": review,
        "called": called,
        "named": [_named_text(each, review, words, called) for each in review.named],
        "notes": [_note(what, detail, words) for what, detail in review.notes],
        "forecast": _forecast(review, words),
        "work_rows": [_work_row(one, words, called) for one in review.work],
        "speed": (f"{LATIN_PER_SECOND:.0f}", f"{CHINESE_PER_SECOND:.0f}"),
        "control_rows": [_agreement(row, words, row["annotators"]) for row in review.controls],
        "pair_rows": [
            (called(row["one"]), called(row["other"]), *_agreement(row, words))
            for row in pairs[:MOST_PAIRS]
        ],
        "more_pairs": max(0, len(pairs) - MOST_PAIRS),
        "other_rows": [
            (
                one.random,
                (
                    called(one.annotator),
                    one.control,
                    one.items,
                    f"{one.kappa:+.2f}",
                    f"{one.others:+.2f}",
                ),
            )
            for one in review.others
        ],
        "answered_chart": for_page(bar_chart, answered, words, words("team.answered_chart")),
        "rate_chart": rate_chart(rates, words, called) if rates else "",
        "duration": partial(_duration, words),
        "percent": percent,
    }
    return render_page("goldleaf.agreement.team", "team.html.jinja", context, {})


def team_sections(
    review: TeamReview, words: Translations, accounts: Mapping[str, str]
) -> Iterator[Section]:
    """Yield the sections that `goldleaf team` prints."""

    def called(who: str) -> str:
        return accounts.get(who, who) or words("team.unnamed")

    progress = words("team.progress", finished=f"{review.finished:,}", tasks=f"{review.tasks:,}")
    notes = [_note(what, detail, words) for what, detail in review.notes]
    yield Section(text="\n".join([progress, _forecast(review, words), *notes]))
    named = [_named_text(each, review, words, called) for each in review.named]
    yield Section(
        title=words("team.named"), text="\n".join(named) if named else words("team.nobody")
    )
    head = [words(f"team.{name}") for name in _WORK]
    rows = [_work_row(one, words, called) for one in review.work]
    yield Section(title=words("team.work"), head=head, rows=rows)
    head = [words(f"team.{name}") for name in ("control", "items", "people", "percent", "alpha")]
    controls = [_agreement(row, words, row["annotators"]) for row in review.controls]
    yield Section(title=words("team.agreement"), head=head, rows=controls)


_WORK = ("annotator", "submitted", "skipped", "accepted", "edited", "time", "unread")


def _work_row(one: Workload, words: Translations, called: Called) -> tuple[str, ...]:
    def of(part: int, whole: int) -> str:
        return f"{part:,} ({percent(part / whole)})" if whole else "–"

    return (
        called(one.annotator),
        f"{one.submitted:,}",
        f"{one.skipped:,}",
        of(one.accepted, one.drafted),
        of(one.edited, one.drafted),
        _duration(words, one.seconds),
        of(one.unread, one.timed),
    )


def _agreement(row: Mapping[str, Any], words: Translations, people: int = 0) -> tuple[str, ...]:
    """Return a row of agreement: control, items, (people), equal answers, alpha, both intervals."""

    def told(name: str, text: Callable[[float], str]) -> str:
        value, low, high = (row[key] for key in (name, f"{name}_low", f"{name}_high"))
        if value is None:
            return "–"
        return text(value) if low is None else f"{text(value)} ({text(low)} … {text(high)})"

    control = f"{row['control']} · {row['kind']}"
    counts = (f"{row['items']:,}", *([f"{people}"] if people else []))
    alpha = "–" if row["scale"] == "text" else told("alpha", lambda value: f"{value:.2f}")
    return (control, *counts, told("percent", percent), alpha)


def _forecast(review: TeamReview, words: Translations) -> str:
    found = review.forecast
    missing = f"{found.missing:,}"
    if not found.missing:
        return words("team.done")
    if found.days is None or found.fast is None:
        return words("team.no_forecast", missing=missing)
    about = {"missing": missing, "rate": f"{found.a_day:,.1f}", "days": f"{found.days:,.0f}"}
    slow = f"{found.slow:,.0f}" if found.slow is not None else words("team.unknown")
    return words("team.forecast", fast=f"{found.fast:,.0f}", slow=slow, **about)


def _named_text(each: Named, review: TeamReview, words: Translations, called: Called) -> str:
    who = called(each.annotator)
    if each.why == "random":
        one = next(o for o in review.others if o.annotator == each.annotator and o.random)
        values = {"kappa": f"{one.kappa:+.2f}", "others": f"{one.others:+.2f}"}
        return words("team.why_random", who=who, items=one.items, control=one.control, **values)
    if each.why == "unread":
        one_work = next(one for one in review.work if one.annotator == each.annotator)
        counts = {"unread": f"{one_work.unread:,}", "timed": f"{one_work.timed:,}"}
        return words("team.why_unread", who=who, **counts)
    measure = "first" if each.why in ("first", "last") else "longer"
    rate = next(r for r in review.rates if r.annotator == each.annotator and r.measure == measure)
    share = rate.rate if each.why in ("first", "longer") else 1 - rate.rate
    ends = (rate.low, rate.high) if share == rate.rate else (1 - rate.high, 1 - rate.low)
    about = {"rate": percent(share), "interval": range_text(*ends), "trials": f"{rate.trials:,}"}
    return words(f"team.why_{each.why}", who=who, **about)


def _note(what: str, detail: str, words: Translations) -> str:
    return words(f"team.note_{what}", detail=detail)


def _duration(words: Translations, seconds: float | None) -> str:
    if seconds is None:
        return "–"
    if seconds < 90:
        return words("team.seconds", count=f"{seconds:.0f}")
    return words("team.minutes", count=f"{seconds / 60:.1f}")
