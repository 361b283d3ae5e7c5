"""Texts in lines of a terminal's width; a Chinese character is two columns wide."""

from __future__ import annotations

import re
import textwrap
import unicodedata

_NEVER_FIRST = "，。；：、！？）”"
"""Punctuation that begins no line."""


def wrapped(text: str, width: int, first: str = "", later: str = "") -> str:
    """Return a text in lines of `width` columns; Chinese may break at any character.

    Args:
        text: one paragraph.
        width: columns of a line.
        first: what the first line begins with.
        later: what the other lines begin with.
    """
    if not any(unicodedata.east_asian_width(letter) == "W" for letter in text):
        return textwrap.fill(text, width, initial_indent=first, subsequent_indent=later)
    lines = [first]
    for part in re.findall(r"[!-~]+|.", text):
        if columns(lines[-1] + part.rstrip()) > width and part not in _NEVER_FIRST:
            lines.append(later)
        if part.strip() or lines[-1].strip():
            lines[-1] += part
    return "\n".join(line.rstrip() for line in lines)


def columns(text: str) -> int:
    """Return how many columns of a terminal a text takes: two for a wide character, else one."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)
