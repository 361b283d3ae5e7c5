"""SVG charts from templates: reproducible bytes, Chinese labels, light and dark.

An SVG works as a file and inside an HTML page: its styles are its own (`.gl-chart`), it needs no
font, no script and no network, and every number is written next to its bar, so that neither colour
nor the picture itself is needed to read it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from math import ceil, floor
from typing import TYPE_CHECKING, Any

from goldleaf.core.chart_layout import PAD, Place

if TYPE_CHECKING:
    from jinja2 import Environment

    from goldleaf.core.translations import Translations

_ROW = 30
"""Height of a point in the list of a curve."""
_LEGEND = {"share_chart": 44, "interval_chart": 22, "bar_chart": 0}
"""Height of the further lines of a legend on a phone."""
_UNWRITABLE = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML cannot contain, not even escaped."""


@dataclass(frozen=True, slots=True)
class ShareRow:
    """One row of a chart: an achieved share and its bounds; all from 0 to 1.

    `low` 0 and `high` 1 are no bounds. `before` is the share without the recipe; `note` is written
    behind the label's tooltip.
    """

    label: str
    got: float
    low: float = 0.0
    high: float = 1.0
    before: float | None = None
    note: str = ""

    def state(self) -> str:
        """Return whether the share is `short`, `over` or `met`; `free` without bounds."""
        if self.got < self.low:
            return "short"
        if self.got > self.high:
            return "over"
        return "met" if self.low > 0 or self.high < 1 else "free"


@dataclass(frozen=True, slots=True)
class Bar:
    """A count, zero or more, and its value before; `text` is shown instead of the number."""

    label: str
    value: float
    before: float | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class IntervalRow:
    """One row of a chart: a share with its interval, all from 0 to 1; `named` marks it.

    `note` is written behind the number, such as the count that it is of.
    """

    label: str
    got: float
    low: float
    high: float
    named: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """One point of a calibration curve: a share right at a mean confidence; all from 0 to 1.

    `low` and `high` are the share's interval; `label` names the bin, `note` is written behind the
    number, such as the count that it is of.
    """

    label: str
    confidence: float
    share: float
    low: float
    high: float
    note: str = ""


def for_page(chart: Callable[..., str], *given: Any, **more: Any) -> str:
    """Return a chart as a page has it: one for wide windows, one for phones; `page.css` shows one.

    The second has no styles of its own: those of the first hold in the whole page.

    Args:
        chart: a function of this module that draws one.
        given: what it is called with.
        more: the same, by name.
    """
    return chart(*given, **more) + chart(*given, **more, phone=True)


def interval_chart(
    rows: Sequence[IntervalRow],
    words: Translations,
    title: str = "",
    mark: float | None = 0.5,
    *,
    phone: bool = False,
) -> str:
    """Return a chart of shares with their intervals as SVG, from 0 to 100 %.

    Args:
        rows: one for every line, from the top.
        words: the language of what is written.
        title: above the chart, and what a screen reader reads first.
        mark: where a line is drawn that the shares are compared with, 0 to 1; None for none.
        phone: for half the width.
    """
    place = Place([_plain(row.label) for row in rows], 1.0, _plain(title), phone=phone)
    drawn = [
        {
            "y": place.head + number * place.row,
            "label": place.label(_plain(row.label)),
            "full": _plain(row.label),
            "low": place.at(row.low),
            "width": max(round(place.at(row.high) - place.at(row.low), 1), 0.5),
            "got": place.at(row.got),
            "named": row.named,
            "figure": _percent(row.got),
            "note": _plain(row.note),
        }
        for number, row in enumerate(rows)
    ]
    step = 2 if phone else 1
    ticks = [(place.at(n / 4), f"{25 * n} %") for n in range(0, 5, step)]
    line = None if mark is None else place.at(mark)
    return _drawn("interval_chart", drawn, place, words, title, ticks=ticks, mark=line)


def share_chart(
    rows: Sequence[ShareRow], words: Translations, title: str = "", *, phone: bool = False
) -> str:
    """Return a chart of shares as SVG: achieved as a bar over the target range, before as a mark.

    Args:
        rows: one for every line, from the top.
        words: the language of what is written.
        title: above the chart, and what a screen reader reads first.
        phone: for half the width.
    """
    most = max((v for r in rows for v in (r.got, r.low, r.before or 0.0, _bound(r))), default=0.0)
    top = min(1.0, ceil(max(most, 0.05) * 10 - 1e-9) / 10)
    place = Place([_plain(row.label) for row in rows], top, _plain(title), phone=phone)
    drawn = [
        {
            "y": place.head + number * place.row,
            "label": place.label(_plain(row.label)),
            "full": _plain(f"{row.label}: {row.note}" if row.note else row.label),
            "band": (place.at(row.low), place.at(min(row.high, top)))
            if row.state() != "free"
            else None,
            "got": place.at(min(row.got, top)),
            "before": None if row.before is None else place.at(min(row.before, top)),
            "state": row.state(),
            "figure": _percent(row.got),
            "wanted": wanted(row.low, row.high, words),
        }
        for number, row in enumerate(rows)
    ]
    step = 0.1 if top > 0.2 else 0.05
    marks = [round(n * step, 2) for n in range(round(top / step) + 1)]
    if len(marks) > (4 if phone else 7):
        marks = marks[::2]
    ticks = [(place.at(mark), f"{100 * mark:g} %") for mark in marks]
    return _drawn("share_chart", drawn, place, words, title, ticks=ticks)


def bar_chart(
    bars: Sequence[Bar], words: Translations, title: str = "", *, phone: bool = False
) -> str:
    """Return a chart of counts as SVG: horizontal bars, thin ones below for the counts before.

    Args:
        bars: one for every line, from the top.
        words: the language of what is written.
        title: above the chart, and what a screen reader reads first.
        phone: for half the width.
    """
    most = max((value for bar in bars for value in (bar.value, bar.before or 0.0)), default=0.0)
    labels = [_plain(bar.label) for bar in bars]
    place = Place(labels, most or 1.0, _plain(title), phone=phone, above=True)
    drawn = [
        {
            "y": place.head + number * place.row,
            "label": place.label(_plain(bar.label)),
            "full": _plain(bar.label),
            "value": place.at(bar.value),
            "before": None if bar.before is None else place.at(bar.before),
            "figure": _plain(bar.text) or f"{bar.value:,.0f}",
        }
        for number, bar in enumerate(bars)
    ]
    both = any(bar.before is not None for bar in bars)
    return _drawn("bar_chart", drawn, place, words, title, both=both)


def calibration_chart(
    points: Sequence[CurvePoint], words: Translations, title: str = "", *, phone: bool = False
) -> str:
    """Return a chart of shares over confidences as SVG, with the line where both are equal.

    Both axes begin at the same tenth (below 50 % at every second), below all that is drawn, and
    end at 100 %.

    Args:
        points: from the least confidence.
        words: the language of what is written.
        title: above the chart, and what a screen reader reads first.
        phone: for half the width.
    """
    least = min((value for p in points for value in (p.confidence, p.low)), default=0.0)
    start = min(0.8, floor(10 * least + 1e-9) / 10)
    if start < 0.5:
        start = floor(5 * least + 1e-9) / 5
    place = Place([], 1.0, _plain(title), phone=phone)
    size, left, top = 248.0 if phone else 280.0, PAD + 56.0, float(place.head)
    # The list of points is at the right of the curve, or below it.
    beside, first = (PAD, top + size + 52) if phone else (left + size + 40, top)

    def along(value: float) -> float:
        return round(size * (value - start) / (1 - start), 1)

    drawn = [
        {
            "x": round(left + along(point.confidence), 1),
            "got": round(top + size - along(point.share), 1),
            "low": round(top + size - along(point.low), 1),
            "high": round(top + size - along(point.high), 1),
            "y": round(first + 26 + number * _ROW, 1),
            "label": _plain(point.label),
            "figure": _percent(point.share),
            "note": _plain(point.note),
        }
        for number, point in enumerate(points)
    ]
    count = round(10 * (1 - start))
    step = 1 if count <= 5 else 2
    ticks = [(along(1 - n / 10), f"{round(100 - 10 * n)} %") for n in range(0, count + 1, step)]
    where = {"left": left, "top": top, "size": size, "right": left + size}
    where |= {"list": beside, "first": first, "title": place.title, "phone": phone}
    foot = max(top + size, first + 26.0 + _ROW * len(points))
    return (
        _environment()
        .get_template("calibration_chart.svg.jinja")
        .render(
            **{"rows": drawn, "w": words, "title": _plain(title), "pad": PAD},
            **{"width": place.width, "height": round(foot + (84 if phone else 62))},
            **{"foot": foot, "place": where, "ticks": ticks},
        )
    )


def wanted(low: float, high: float, words: Translations) -> str:
    """Return the bounds of a share (0 to 1) as text: `10–30 %`, `5 % or more`; "" for no bound."""
    if low > 0 and high < 1:
        return f"{100 * low:.3g}–{100 * high:.3g} %"
    if low > 0:
        return words("chart.at_least", share=f"{100 * low:.3g} %")
    return words("chart.at_most", share=f"{100 * high:.3g} %") if high < 1 else ""


def text_bar(value: float, most: float, width: int = 12) -> str:
    """Return a text bar for a terminal, `width` characters long at `most` and above; "" for 0."""
    eighths = round(8 * width * min(max(value / most, 0.0), 1.0)) if most > 0 else 0
    if value > 0 and most > 0:
        eighths = max(eighths, 1)
    return "█" * (eighths // 8) + ("▏▎▍▌▋▊▉"[eighths % 8 - 1] if eighths % 8 else "")


def _bound(row: ShareRow) -> float:
    return row.high if row.high < 1 else 0.0


def _percent(share: float) -> str:
    """Return a share; a small one has two decimals, so that it does not read as nothing."""
    if 0 < share < 0.01:
        return f"{100 * share:.2f} %" if share >= 0.00005 else "<0.01 %"
    return f"{100 * share:.1f} %"


def _plain(text: str) -> str:
    return " ".join(_UNWRITABLE.sub("\ufffd", text).split())


@cache
def _environment() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    return Environment(
        loader=PackageLoader("goldleaf.core", ""),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=True,
    )


def _drawn(
    name: str,
    rows: Sequence[Mapping[str, Any]],
    place: Place,
    words: Translations,
    title: str,
    **more: Any,
) -> str:
    foot = place.head + len(rows) * place.row
    legend = (46 + (_LEGEND[name] if place.phone else 0)) if more.get("both", True) else 10
    size = {"width": place.width, "foot": foot, "height": foot + legend}
    return (
        _environment()
        .get_template(f"{name}.svg.jinja")
        .render(rows=rows, place=place, w=words, title=_plain(title), pad=PAD, **size, **more)
    )
