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
_BEFORE_EN = re.compile(
    r"(?<![a-z])you(?:['’]?re| are)?(?:,? (?:all|people|guys|such|just|really|so|nothing|but|an?"
    r"|the|absolute|complete|total|utter|bloody|damn|fucking|stupid|dumb|worthless|useless"
    r"|pathetic|ugly|fat|lazy|dirty|filthy|disgusting|little|miserable|old|poor|crazy"
    r"|sick)){0,6},? $"
)
"""What stands before a word where it is said of the reader: "you are such a", "you stupid"."""
_BEFORE_ZH = re.compile(
    r"[你您妳](?:们|这个?|那|就|真|是|个|种|一|的|他妈|简直|还|全家|都|，|,){0,6}$"
)
_SAID_EN = re.compile(
    r"fuck you|fuck off|drop dead|kill yourself|kys|go die|you should die|you deserve to die"
    r"|hope you die|i will kill you|shut the fuck up|stfu|you bastard|go back to your country"
)
_SAID_ZH = re.compile(r"操你|肏|你妈的|滚出中国|死全家")
_QUOTATION_MARKS = ("“”", "「」", "『』", "‘’")
_SHOWN = 60
"""Characters before a word in which its `you` is looked for."""
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


def said_to_reader(text: str) -> tuple[int, int] | None:
    """Return where a text insults or threatens whom it speaks to; None where it does not.

    Only strong words count, and none in quotation marks: who moderates, translates or tells a story
    quotes them.

    >>> said_to_reader("You stupid worthless idiot, go kill yourself.") is not None
    True
    >>> said_to_reader('The comment "go kill yourself" breaks the rules.') is None
    True
    """
    lower = text.lower()
    if len(lower) != len(text):
        lower = text
    for found in _list("toxic").strong.finditer(lower):
        before = lower[max(0, found.start() - _SHOWN) : found.start()]
        word = found.group()
        said = _SAID_EN.fullmatch(word) or _SAID_ZH.match(word)
        if (said or _BEFORE_EN.search(before) or _BEFORE_ZH.search(before)) and not _quoted(
            lower, found.start()
        ):
            return found.span()
    return None


def _quoted(text: str, place: int) -> bool:
    """Return whether a quotation that began before a place is still open there."""
    before = text[:place]
    if before.count('"') % 2:
        return True
    return any(before.count(opens) > before.count(ends) for opens, ends in _QUOTATION_MARKS)
