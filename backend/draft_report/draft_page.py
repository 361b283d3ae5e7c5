"""What became of a project's drafts as a page without scripts, and as sections of text."""

from __future__ import annotations

from collections.abc import Iterator

from goldleaf.backend.calibration import Bin
from goldleaf.backend.draft_scores import DraftScores
from goldleaf.core.charts import CurvePoint, calibration_chart, for_page
from goldleaf.core.html_page import render_page
from goldleaf.core.notebook import Section
from goldleaf.core.translations import Translations

_COLUMNS = ("control", "version", "coverage", "accepted", "edited", "overruled")
_BINS = ("confidence", "drafts", "right", "accuracy", "interval")


def draft_page(found: DraftScores, title: str, lang: str) -> str:
    """Return the page.

    Args:
        found: what it shows.
        title: of the project, text from outside.
        lang: `en` or `zh`.
    """
    words = Translations(lang)
    curves = [
        (
            name,
            for_page(
                calibration_chart,
                [_point(bin, words) for bin in curve.filled],
                words,
                words("model.curve_of", control=name),
            ),
            [_bin_row(bin) for bin in curve.filled],
        )
        for name, curve in found.calibration.items()
    ]
    context = {
        "w": words,
        "title": title,
        "plain": found.plain(),
        "score_columns": [words(f"model.{name}") for name in _COLUMNS],
        "score_rows": score_rows(found),
        "bin_columns": [words(f"model.{name}") for name in _BINS],
        "curves": curves,
    }
    return render_page("goldleaf.backend.draft_report", "drafts.html.jinja", context, {})


def draft_sections(found: DraftScores, words: Translations) -> Iterator[Section]:
    """Yield the same as the page, for a terminal or notebook."""
    lines = [words("model.answers", count=found.answers, unreadable=found.unreadable)]
    if found.minutes_saved is not None:
        plain = found.plain()
        lines.append(
            words(
                "model.time",
                drafted=plain["median_seconds_with_draft"],
                bare=plain["median_seconds_without"],
                minutes=found.minutes_saved,
            )
        )
    yield Section(
        head=[words(f"model.{name}") for name in _COLUMNS],
        rows=score_rows(found),
        text="\n".join(lines),
    )
    bins = [
        (name, *_bin_row(bin)) for name, curve in found.calibration.items() for bin in curve.filled
    ]
    yield Section(
        title=words("model.curve") if bins else "",
        head=[words(f"model.{name}") for name in ("control", *_BINS)],
        rows=bins,
        text=words("model.curve_intro" if bins else "model.no_curve"),
    )


def score_rows(found: DraftScores) -> tuple[tuple[str, ...], ...]:
    """Return a row for each control and version: names, coverage, and the three counts."""
    return tuple(
        (
            *(each.control, each.version, _percent(each.shown / max(1, found.answers))),
            *(str(each.accepted), str(each.edited), str(each.overruled)),
        )
        for each in found.scores
    )


def _bin_row(bin: Bin) -> tuple[str, ...]:
    low, high = bin.share.interval
    return (
        *(_range(bin.low, bin.high), str(bin.drafts), str(bin.right)),
        *(_percent(bin.share.value), _range(low, high)),
    )


def _point(bin: Bin, words: Translations) -> CurvePoint:
    note = words("model.of", right=bin.right, drafts=bin.drafts)
    label = _range(bin.low, bin.high)
    return CurvePoint(label, bin.confidence, bin.share.value, *bin.share.interval, note)


def _range(low: float, high: float) -> str:
    return f"{100 * low:.0f}–{_percent(high)}"


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"
