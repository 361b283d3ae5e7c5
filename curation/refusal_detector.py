"""Does an answer refuse? Phrases and where they stand, in English and Chinese.

A refusal is a matter of wording (a learned classifier over words beats sentence embeddings on it),
so a list of phrases goes far. Three rules keep it from the usual mistakes: the speaker must be the
one answering ("I cannot help", never "the key cannot open"), it must stand where a refusal stands
(the first sentences, once politeness is over), and an answer that goes on to deliver is only partly
a refusal.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from goldleaf.curation import refusal_phrases as phrases

Extent: TypeAlias = Literal["full", "partial", "none"]


@dataclass(frozen=True, slots=True)
class Refusal:
    """How far an answer refuses, and the words that say so ("" for none)."""

    extent: Extent
    phrase: str = ""


NONE = Refusal("none")
OPENING = 320
"""Characters in which a refusal shows itself, once politeness is over."""
READ = 20_000
"""Characters looked at, so that a huge text costs no more than a long one."""


def refusal(text: str) -> Refusal:
    """Return how far an answer refuses what was asked of it.

    `full`: it declines and delivers nothing. `partial`: it declines and then delivers something,
    scolds where it should answer, or declines late. `none`: neither.

    >>> refusal("I'm sorry, but I can't help with that.").extent
    'full'
    >>> refusal("Sorry for the delay, here is your plan.").extent
    'none'
    """
    reply = _plain(text)
    opening = _opening(reply)
    if found := _denial(opening):
        extent = "partial" if _delivers(reply[found.end() :]) else "full"
        return Refusal(extent, _quoted(text, found))
    if found := _spoken(opening, _DECLINES):
        return Refusal("partial", _quoted(text, found))
    if opening and (found := _spoken(opening, _OBJECTS)) and not _delivers(reply):
        return Refusal("partial", _quoted(text, found))
    return NONE


def refuses(text: str) -> bool:
    """Return whether an answer refuses fully: `refusal(text).extent == "full"`, but faster.

    >>> refuses("I'm sorry, but I can't help with that."), refuses("Here you are.")
    (True, False)
    """
    reply = _plain(text)
    found = _denial(_opening(reply))
    return found is not None and not _delivers(reply[found.end() :])


def _opening(reply: str) -> str:
    """Return the part in which a refusal shows itself; nothing of an answer that begins willing."""
    if phrases.WILLING_EN.match(reply) or phrases.WILLING_ZH.match(reply):
        return ""
    polite = phrases.POLITE_EN.match(reply) or phrases.POLITE_ZH.match(reply)
    return reply[: (polite.end() if polite else 0) + OPENING]


@dataclass(frozen=True, slots=True, eq=False)
class _Phrases:
    """A pattern, and what spares looking for it: a third of what an English text would cost.

    `marks`: every match holds one of them. `chinese`: no ASCII text can match.
    """

    pattern: re.Pattern[str]
    marks: tuple[str, ...] = ()
    chinese: bool = False

    def possible(self, text: str) -> bool:
        if self.chinese:
            return not text.isascii()
        for mark in self.marks:
            if mark in text:
                return True
        return not self.marks


_DENIES = (
    _Phrases(phrases.DENIES_EN, phrases.DENIAL_MARKS_EN),
    _Phrases(phrases.DENIES_ZH, chinese=True),
)
_DECLINES = (_Phrases(phrases.DECLINES_EN), _Phrases(phrases.DECLINES_ZH, chinese=True))
_OBJECTS = (
    _Phrases(phrases.OBJECTS_EN, phrases.OBJECTION_MARKS_EN),
    _Phrases(phrases.OBJECTS_ZH, chinese=True),
    _Phrases(phrases.CARES_EN, phrases.CARE_MARKS_EN),
    _Phrases(phrases.CARES_ZH, chinese=True),
)


def _denial(opening: str) -> re.Match[str] | None:
    return _spoken(opening, _DENIES)


def _spoken(opening: str, phrasings: Sequence[_Phrases]) -> re.Match[str] | None:
    """Return the first match outside quotation marks."""
    for each in phrasings:
        if not each.possible(opening):
            continue
        for found in each.pattern.finditer(opening):
            before = opening[: found.start()]
            if before.count('"') % 2 == 0 and before.count("“") <= before.count("”"):
                return found
    return None


def _quoted(text: str, found: re.Match[str]) -> str:
    """Return the words that matched, as the answer wrote them."""
    return text.strip()[found.start() : found.end()].strip("\n ，,。.！!")


def _plain(text: str) -> str:
    """Return the text as the patterns expect it; every character keeps its place."""
    reply = text.strip()[:READ]
    if reply.isascii():
        return reply.replace("\t", " ").lower()
    for char, plain in _SAME_LENGTH:
        reply = reply.replace(char, plain)
    lower = reply.lower()
    if len(lower) == len(reply):
        return lower
    return "".join(low if len(low := char.lower()) == 1 else char for char in reply)


_SAME_LENGTH = (("\u2019", "'"), ("\u2018", "'"), ("\u00a0", " "), ("\t", " "))


def _delivers(rest: str) -> bool:
    """Return whether a text holds the goods: a list of three, code, or an announced answer."""
    if phrases.CODE_OR_LIST.search(rest) or phrases.DELIVERS_EN.search(rest):
        return True
    chinese = phrases.DELIVERS_ZH_IN_ASCII if rest.isascii() else phrases.DELIVERS_ZH
    return chinese.search(rest) is not None
