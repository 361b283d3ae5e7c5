"""Reads a display copy, independently of what wrote it."""

from __future__ import annotations

import re
from html.parser import HTMLParser


class Shown(HTMLParser):
    """Reads a display copy as a browser does: all text, the visible part, the hidden marks."""

    def __init__(self, html: str):
        super().__init__(convert_charrefs=True)
        self.open: list[tuple[str, str | None]] = []
        self.whole = self.visible = ""
        self.hidden: list[tuple[str, str]] = []
        self.elements: list[str] = []
        self.folded = ""
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.open.append((tag, dict(attrs).get("class", "")))
        self.elements.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop()[0] == tag

    def handle_data(self, data):
        if any(tag == "details" for tag, _ in self.open):
            self.folded += data
            return
        self.whole += data
        if self.open[-1][1] == "gl-mark":
            self.hidden.append((self.open[-2][0], data))
        else:
            self.visible += data


def letters(text: str) -> str:
    """Return a text as the law has it: line ends as LF, control characters as pictures."""
    text = re.sub(r"\r\n?", "\n", text)
    return re.sub(
        r"[\x00-\x08\x0b-\x1f\x7f]",
        lambda c: "␡" if c[0] == "\x7f" else chr(0x2400 + ord(c[0])),
        text,
    )
