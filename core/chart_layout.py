"""Where the parts of a chart are: labels, bars, numbers, on a page and on a phone.

On a page a row's label is at the left, its bar between, its number at the right. On a phone, which
has half the width, label and number are above the bar, and the legend takes several lines.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

WIDTH, PHONE = 760, 344
"""Of a chart, in SVG units (pixels at its natural size); what a phone of 390 pixels has room for is
nearly the latter, so that letters keep their size."""
HEAD, PAD = 44, 16
FONT = 13
NARROW, WIDE = 0.56 * FONT, float(FONT)
"""About how wide a Latin and a Chinese letter are."""
WIDER = 1.07
"""Room for labels of wide letters, such as those of an e-mail address."""
LABEL_MOST = 240
NUMBERS = 176
"""Width kept at the right for the number next to a bar."""
_PHONE_LABEL = 195
_PHONE_NUMBER = 86
"""Width kept for a number next to a bar on a phone: the longest, 100.0 %, and a mark before it."""
_TITLE = 1.1 * 15 / FONT
"""How much wider the letters of the title are: larger, and bold."""


class Place:
    """Where the parts of a chart are, in SVG units.

    `left`, `right`: ends of the bars; `row`: height of a row; `down`: how far a row's bar is below
    its top; `end`: of what is at the right.
    """

    def __init__(
        self, labels: Sequence[str], top: float, title: str, *, phone: bool, above: bool = False
    ) -> None:
        """Lay out a chart.

        Args:
            labels: of its rows.
            top: the value at `right`; 0 is at `left`.
            title: above the rows.
            phone: for half the width.
            above: there, the number is above the bar as well, and not next to it.
        """
        self.phone, self.top = phone, top
        self.width = PHONE if phone else WIDTH
        self.title = _lines(title, self.width - 2 * PAD) if phone else [title]
        self.head = HEAD + 19 * (len(self.title) - 1)
        self.end = self.width - PAD
        if phone:
            self.right = self.end - (0 if above else _PHONE_NUMBER)
            self.left, self.row, self.down = float(PAD), 48, 16
        else:
            self.right = self.end - NUMBERS
            longest = max((text_width(label) for label in labels), default=0.0)
            self.left = round(PAD + WIDER * min(longest, LABEL_MOST) + 12, 1)
            self.row, self.down = 30, 0

    def at(self, value: float) -> float:
        """Return the x coordinate of a value."""
        return round(self.left + (self.right - self.left) * value / self.top, 1)

    def label(self, text: str) -> str:
        """Return a label, shortened to the width that it has."""
        most = _PHONE_LABEL if self.phone else LABEL_MOST
        if text_width(text) <= most:
            return text
        while text_width(text) > most - WIDE:
            text = text[:-1]
        return text.rstrip() + "…"


def text_width(text: str) -> float:
    """Return about how wide a text is."""
    wide = sum(unicodedata.east_asian_width(letter) in "WF" for letter in text)
    return wide * WIDE + (len(text) - wide) * NARROW


def _lines(title: str, most: float) -> list[str]:
    """Return a title in lines of this width, broken between words, or Chinese letters."""
    lines = [""]
    for letter in title:
        lines[-1] += letter
        if _TITLE * text_width(lines[-1]) > most:
            before, space, word = lines[-1].rpartition(" ")
            lines[-1:] = [before, word] if space and before else [lines[-1][:-1], letter]
    return lines
