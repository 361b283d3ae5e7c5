"""Does an answer refuse? Phrases and where they stand, in English and Chinese.

A refusal is a matter of wording (a learned classifier over words beats sentence embeddings on it),
so a list of phrases goes far. Three rules keep it from the usual mistakes: the speaker must be the
one answering ("I cannot help", never "the key cannot open"), it must stand where a refusal stands
(the first sentences, once politeness is over), and an answer that goes on to deliver is only partly
a refusal.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from typing import Literal, TypeAlias

from goldleaf.curation.refusals import refusal_phrases as phrases
from goldleaf.curation.refusals import refusal_phrases_zh as phrases_zh
from goldleaf.curation.refusals.refusal_wording import CERTAIN, refusal_probability
from goldleaf.curation.texts.traditional_characters import to_simplified

Extent: TypeAlias = Literal["full", "partial", "none"]


@dataclass(frozen=True, slots=True)
class Refusal:
    """How far an answer refuses, and the words that say so ("" for none)."""

    extent: Extent
    phrase: str = ""


VERSION = "1"
"""Another version reads answers anew whose refusals were stored."""
NONE = Refusal("none")
OPENING = 320
"""Characters in which a refusal shows itself, once politeness is over."""
HEAD = 800
"""Characters that politeness and the opening can take together; the rest is read on a refusal."""
READ = 20_000
"""Characters looked at, so that a huge text costs no more than a long one."""


def refusal(text: str) -> Refusal:
    """Return how far an answer refuses what was asked of it.

    `full`: it declines, or calls the question itself wrong, and delivers nothing. `partial`: it
    declines and then delivers something, scolds where it should answer, or declines late. `none`:
    neither. An answer that only asks for what is missing ("you gave no text") is no refusal.

    >>> refusal("I'm sorry, but I can't help with that.").extent
    'full'
    >>> refusal("Sorry for the delay, here is your plan.").extent
    'none'
    """
    denial = _denial(text.strip()[:READ])
    head, opening, found = denial.head, denial.opening, denial.found
    if not opening:
        return NONE
    if found:
        if denial.asks_back:
            return NONE
        return Refusal("partial" if denial.delivers else "full", _quoted(text, found))
    if found := _spoken(opening, _DECLINES):
        return NONE if _asks_back(opening) else Refusal("partial", _quoted(text, found))
    if (found := _spoken(opening, _OBJECTS)) and not _delivers(plain(text.strip()[:READ])):
        return Refusal("partial", _quoted(text, found))
    if found := _spoken(opening, _SCOLDS):
        return Refusal("partial", _quoted(text, found))
    if not head.isascii() and refusal_probability(head) >= CERTAIN:
        return Refusal("partial", _first_sentence(text))
    return NONE


def refuses(text: str) -> bool:
    """Return whether an answer refuses fully: `refusal(text).extent == "full"`, but faster.

    >>> refuses("I'm sorry, but I can't help with that."), refuses("Here you are.")
    (True, False)
    """
    denial = _denial(text.strip()[:READ])
    return denial.found is not None and not denial.asks_back and not denial.delivers


@dataclass(frozen=True, slots=True)
class _Denial:
    """Whether an answer denies: its beginnings as the patterns expect them, and what they found.

    The last two are False where nothing was found.
    """

    head: str
    opening: str
    found: re.Match[str] | None = None
    asks_back: bool = False
    delivers: bool = False


@lru_cache(maxsize=256)  # of a task's texts rules and features ask, each for itself
def _denial(text: str) -> _Denial:
    """Return what the first step finds in a stripped text of at most `READ` characters."""
    head = plain(text[:HEAD])
    opening = _opening(head)
    found = _spoken(opening, _DENIES) or _spoken(opening, _REPROACHES)
    if not found:
        return _Denial(head, opening)
    asks_back = _asks_back(opening)
    delivers = not asks_back and _delivers(plain(text)[found.end() :])
    return _Denial(head, opening, found, asks_back, delivers)


def asks_back(text: str) -> bool:
    """Return whether an answer only says what is missing and asks for it.

    >>> asks_back("Could you please provide the text? You did not include it.")
    True
    """
    reply = text.strip()
    if len(reply) > OPENING or not reply.endswith(("?", "？", "。", ".", "！", "!")):
        return False
    return _asks_back(plain(reply))


def _opening(reply: str) -> str:
    """Return the part in which a refusal shows itself; nothing of an answer that begins willing."""
    ascii_only = reply.isascii()
    if phrases.WILLING_EN.match(reply) or (not ascii_only and phrases_zh.WILLING_ZH.match(reply)):
        return ""
    polite = phrases.POLITE_EN.match(reply)
    if not polite and not ascii_only:
        polite = phrases_zh.POLITE_ZH.match(reply)
    return reply[: (polite.end() if polite else 0) + OPENING]


def _asks_back(opening: str) -> bool:
    if opening.isascii():
        return phrases.ASKS_BACK_EN.search(opening) is not None
    return phrases_zh.ASKS_BACK_ZH.search(opening) is not None


@dataclass(frozen=True, slots=True, eq=False)
class _Phrases:
    """A pattern, and what spares looking for it: a third of what an English text would cost.

    `marks`: every match holds one of them. `chinese`: no ASCII text can match. `keys`: every match
    holds one of these, less than `KEY_REACH` characters from its ends. `at_start`: it can match
    nowhere else. `later`: matches the same behind the first character.
    """

    pattern: re.Pattern[str]
    marks: tuple[str, ...] = ()
    chinese: bool = False
    keys: re.Pattern[str] | None = None
    at_start: bool = False
    later: re.Pattern[str] | None = None

    def matches(self, text: str) -> Iterable[re.Match[str]]:
        if (self.chinese and text.isascii()) or not self._marked(text):
            return ()
        if self.at_start:
            found = self.pattern.match(text)
            return (found,) if found else ()
        if self.later is not None:
            found = self.pattern.match(text)
            rest = self.later.finditer(text, max(1, found.end()) if found else 1)
            return chain((found,), rest) if found else rest
        if self.keys is None:
            return self.pattern.finditer(text)
        places = [found.start() for found in self.keys.finditer(text)]
        if not places:
            return ()
        reach = phrases_zh.KEY_REACH
        return self.pattern.finditer(text, max(0, places[0] - reach), places[-1] + reach)

    def _marked(self, text: str) -> bool:
        for mark in self.marks:
            if mark in text:
                return True
        return not self.marks


_DENIES = (
    _Phrases(phrases.DENIES_EN, phrases.DENIAL_MARKS_EN),
    _Phrases(phrases_zh.DENIES_ZH, chinese=True, keys=phrases_zh.DENIAL_KEYS_ZH),
)
_REPROACHES = (_Phrases(phrases.REPROACHES_EN, phrases.REPROACH_MARKS_EN, at_start=True),)
_SCOLDS = (_Phrases(phrases.SCOLDS_EN, phrases.SCOLD_MARKS_EN, at_start=True),)
_DECLINES = (_Phrases(phrases.DECLINES_EN), _Phrases(phrases_zh.DECLINES_ZH, chinese=True))
_OBJECTS = (
    _Phrases(phrases.OBJECTS_EN, phrases.OBJECTION_MARKS_EN, later=phrases.OBJECTS_LATER_EN),
    _Phrases(phrases_zh.OBJECTS_ZH, chinese=True),
    _Phrases(phrases.CARES_EN, phrases.CARE_MARKS_EN),
    _Phrases(phrases_zh.CARES_ZH, chinese=True),
)


def _spoken(opening: str, phrasings: Sequence[_Phrases]) -> re.Match[str] | None:
    """Return the first match outside quotation marks."""
    for each in phrasings:
        for found in each.matches(opening):
            if not _in_quotes(opening[: found.start()]):
                return found
    return None


def _in_quotes(before: str) -> bool:
    """Return whether what stands before a place leaves a quotation or a title open."""
    if before.count('"') % 2:
        return True
    return not before.isascii() and any(
        before.count(opened) > before.count(closed)
        for opened, closed in ("“”", "「」", "『』", "《》")
    )


def _first_sentence(text: str) -> str:
    return re.split(r"[。！？!?\n]", text.strip(), maxsplit=1)[0] or text.strip()


def _quoted(text: str, found: re.Match[str]) -> str:
    """Return the words that matched, as the answer wrote them."""
    return text.strip()[found.start() : found.end()].strip("\n ，,。.！!")


def plain(reply: str) -> str:
    """Return a stripped text as the patterns expect it; every character keeps its place."""
    if reply.isascii():
        return reply.replace("\t", " ").lower()
    for char, plain in _SAME_LENGTH:
        reply = reply.replace(char, plain)
    reply = to_simplified(reply)
    lower = reply.lower()
    if len(lower) == len(reply):
        return lower
    return "".join(low if len(low := char.lower()) == 1 else char for char in reply)


_SAME_LENGTH = (("\u2019", "'"), ("\u2018", "'"), ("\u00a0", " "), ("\t", " "))


def _delivers(rest: str) -> bool:
    """Return whether a text holds the goods: a list of three, code, or an announced answer.

    A list of helplines is help with something else: the refusal before it stays a full one.
    """
    if "```" in rest:
        return True  # code is no list of helplines
    # A list of three has two line ends; most texts have fewer and are not searched for one.
    listed = rest.count("\n") > 1 and phrases.CODE_OR_LIST.search(rest)
    if not (listed or phrases.DELIVERS_EN.search(rest)):
        in_chinese = phrases_zh.DELIVERS_ZH_IN_ASCII if rest.isascii() else phrases_zh.DELIVERS_ZH
        if not in_chinese.search(rest):
            return False
    return not _lists_helplines(rest)


def _lists_helplines(rest: str) -> bool:
    """Return whether a list (not of code) gives numbers or services that help people in need."""
    return len(_HELPLINE.findall(rest)) >= FEWEST_HELPLINES


FEWEST_HELPLINES = 2
_HELPLINE = re.compile(
    r"\b(?:helpline|hotline|lifeline|samaritans|crisis (?:text|line)|suicide prevention|"
    r"\d-\d{3}-\d{3}|text \w+ to|call \d{3})|热线|援助(?:中心|电话)|拨打|急救"
)
