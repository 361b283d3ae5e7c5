"""How insulting or sexually explicit the words of a text are: a suggestion, by density.

Word lists (`toxic_words.toml`) know no irony, quotation or implied contempt; a person decides.
"""

from __future__ import annotations

import re
import tomllib
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

LISTS = Path(__file__).parent / "toxic_words.toml"
VERDICTS = ("toxic", "sexual")
ENOUGH = 0.9
"""Weight of words from which a text gets the verdict: a strong word, or two weak ones in a short
text."""
_UNIT = 60
"""A weak word counts fully once in so many characters of a text (a sentence)."""


class Tone(NamedTuple):
    """Words of one verdict in a text: where the first stands, how many, and 0 to 1 how dense."""

    start: int
    end: int
    words: int
    score: float


class _List(NamedTuple):
    strong: re.Pattern[str]
    weak: re.Pattern[str]


def candidate_patterns() -> tuple[str, str]:
    """Return English and Chinese patterns (Rust's syntax); a text with a verdict has one."""
    words = [
        word
        for of_languages in _toml().values()
        for lists in of_languages.values()
        for words in lists.values()
        for word in words
    ]
    english = "|".join(
        word.removesuffix("*") if word.endswith("*") else rf"{word}\b"
        for word in words
        if word.isascii()
    )
    return rf"(?i-u)\b(?:{english})", "|".join(word for word in words if not word.isascii())


@lru_cache(maxsize=1)
def _toml() -> dict[str, dict[str, dict[str, list[str]]]]:
    return tomllib.loads(LISTS.read_text("utf-8"))


@lru_cache(maxsize=4)
def _list(verdict: str) -> _List:
    of_languages = _toml()[verdict]
    patterns: list[re.Pattern[str]] = []
    for weight in ("strong", "weak"):
        english = sorted(of_languages["en"][weight], key=len, reverse=True)
        chinese = sorted(of_languages["zh"][weight], key=len, reverse=True)
        words = "|".join(re.escape(word).replace(r"\*", r"[a-z]{0,6}") for word in english)
        patterns.append(
            re.compile(rf"(?<![a-z])(?:{words})(?![a-z])|{'|'.join(map(re.escape, chinese))}")
        )
    return _List(*patterns)


def tone(text: str, verdict: str) -> Tone | None:
    """Return how far a text is `toxic` or `sexual` by its words; None where it has too few.

    >>> tone("You worthless piece of garbage, shut up.", "toxic") is not None
    True
    >>> tone("The report describes racism in the football league.", "toxic") is None
    True
    """
    lower = text.lower()
    if len(lower) != len(text):  # places would not fit
        lower = text
    lists = _list(verdict)
    strong = [found.span() for found in lists.strong.finditer(lower)]
    weak = [found.span() for found in lists.weak.finditer(lower)]
    places = sorted({*strong, *weak})
    if not places:
        return None
    sentences = max(1.0, len(text) / _UNIT)
    weight = len(strong) / sentences**0.5 + 0.45 * len(weak) / sentences
    if weight < ENOUGH:
        return None
    start, end = (strong or places)[0]
    return Tone(start, end, len(places), round(min(1.0, weight / (weight + 1)), 2))
