"""A pattern that ignores letter case, without paying for that where a text is plain ASCII."""

from __future__ import annotations

import re
from collections.abc import Iterable


class AnyCase:
    r"""Two forms of one pattern: as it is for lower-cased ASCII, ignoring case for all other texts.

    Python's engine leaves out its short cuts (literal beginnings of branches) when it ignores case.
    A `\b` that all branches share belongs before them, for the same reason.

    Args:
        english: what plain ASCII can match, in lower case.
        chinese: further branches, which no ASCII text can match.

    >>> kill = AnyCase(r"\bkill(?:s|ed)?\b", "杀")
    >>> kill.spans("He KILLED it"), bool(kill.found("Kill")), bool(kill.found("skill"))
    ([(3, 9)], True, False)
    """

    def __init__(self, english: str, chinese: str = "") -> None:
        self.lower = re.compile(english)
        self.any = re.compile(f"{english}|{chinese}" if chinese else english, re.IGNORECASE)

    def found(self, text: str) -> bool:
        """Return whether the pattern stands somewhere in a text."""
        if text.isascii():
            return self.lower.search(text.lower()) is not None
        return self.any.search(text) is not None

    def spans(self, text: str) -> list[tuple[int, int]]:
        """Return where it stands: from which character to which (end excluded)."""
        if text.isascii():
            return [found.span() for found in self.lower.finditer(text.lower())]
        return [found.span() for found in self.any.finditer(text)]

    def spans_at(self, text: str, starts: Iterable[int]) -> list[tuple[int, int]]:
        """Return what `spans` does, where every match begins at one of `starts`, in order."""
        match, end = self.any.match, 0
        if text.isascii():
            match, text = self.lower.match, text.lower()
        spans: list[tuple[int, int]] = []
        for start in starts:
            if start >= end and (found := match(text, start)):
                end = found.end()
                spans.append((start, end))
        return spans
