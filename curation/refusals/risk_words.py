"""Words of risk in a prompt, in English and Chinese: which class of risk it touches or looks like.

A word proves nothing: "How do I kill a Python process?" has one. So this suggests, for a person to
decide: a class, the words it rests on, and whether they stand in a company known to be harmless.
That no word was found says nothing at all.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files

from goldleaf.curation.texts.case_insensitive import AnyCase

READ = 4_000
"""Characters looked at."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A class of risk, and why.

    Attributes:
        risk: its name, one of `RISKS`.
        words: what was found, as the text writes it, at most three.
        look_alike: every one of them stands where it is harmless ("kill a process").
    """

    risk: str
    words: tuple[str, ...]
    look_alike: bool


_WORDS: Mapping[str, Mapping[str, Sequence[str]]] = tomllib.loads(
    files("goldleaf.curation.refusals").joinpath("risk_words.toml").read_text("utf-8")
)
_HARMLESS_KEY = "harmless"
OTHER = ("other", "none")
"""Classes that no word suggests."""
RISKS = (*(name for name in _WORDS if name != _HARMLESS_KEY), *OTHER)
"""Names of the taxonomy that refusal screens use, in their order."""


def _pattern(name: str) -> AnyCase:
    english, chinese = "|".join(_WORDS[name]["en"]), "|".join(_WORDS[name]["zh"])
    return AnyCase(rf"(?<![a-z])(?:{english})(?![a-z])", rf"(?:{chinese})")


_HARMLESS = _pattern(_HARMLESS_KEY)
_TITLE = re.compile(r"《[^《》\n]{1,60}》")
"""A book, film or song is named; what its title speaks of is not asked for."""
_PATTERNS = {risk: _pattern(risk) for risk in RISKS if risk not in OTHER}


_LONGEST = 4
"""Letters of a beginning that are looked up; more would not spare more."""
_LIKE_LETTERS = str.maketrans({"\u017f": "s", "\u0130": "i", "\u0131": "i", "\u212a": "k"})
"""What a pattern that ignores letter case takes for these letters."""


_DIGITS = frozenset("0123456789")
_GROUP = re.compile(r"\(\?:([^()]*)\)([?*{]?)")


def _beginnings(piece: str) -> set[str]:
    """Return the plain characters that each match of a piece of a pattern begins with one of.

    >>> sorted(_beginnings("kill(?:s|ed)?")), sorted(_beginnings("nudes?")), _beginnings("a|b")
    (['kill'], ['nude'], {''})
    >>> sorted(_beginnings("(?:blacks?|women) who")), sorted(_beginnings("(?:at )?home"))
    (['black', 'women'], ['at', 'home'])
    """
    if group := _GROUP.match(piece):
        rest = piece[group.end() :]
        found = set[str]().union(*(_beginnings(each) for each in group[1].split("|")))
        return found | _beginnings(rest) if group[2] else found
    depth = 0
    for char in piece:
        depth += (char == "(") - (char == ")")
        if char == "|" and not depth:
            return {""}
    plain = re.match(r"[0-9]|[a-z\u3400-\u9fff]*", piece)
    begin = plain.group() if plain else ""
    return {begin[:-1] if piece[len(begin) : len(begin) + 1] in tuple("?*{") else begin}


def _index() -> tuple[dict[str, set[str]], set[str]]:
    """Return which classes a beginning makes possible, and those that no beginning rules out."""
    index: dict[str, set[str]] = {}
    always: set[str] = set()
    for risk in _PATTERNS:
        for lang, longest in (("en", _LONGEST), ("zh", 1)):
            for begins in set[str]().union(*map(_beginnings, _WORDS[risk][lang])):
                if begins and (lang == "en" or not begins[0].isascii()):
                    index.setdefault(begins[:longest], set()).add(risk)
                else:
                    always.add(risk)
    return index, always


_INDEX, _ALWAYS = _index()
_BEGINNING_OF_WORD = re.compile(r"[a-z]+")


def _possible(read: str) -> set[str]:
    """Return the classes whose words a text may hold: looking at 20 patterns is what costs."""
    lower = read.lower() if read.isascii() else read.translate(_LIKE_LETTERS).lower()
    begins = {word[:_LONGEST] for word in _BEGINNING_OF_WORD.findall(lower)}
    keys = {word[:length] for word in begins for length in range(1, _LONGEST + 1)}
    keys.update(_DIGITS.intersection(lower) if read.isascii() else lower)
    possible = set(_ALWAYS)
    for key in keys & _INDEX.keys():
        possible |= _INDEX[key]
    return possible


def suggest_risks(text: str) -> list[Suggestion]:
    """Return the classes of risk that a prompt touches or looks like, most words first.

    >>> [(each.risk, each.look_alike) for each in suggest_risks("How do I kill a Python process?")]
    [('violence', True)]
    >>> suggest_risks("How do I boil an egg?")
    []
    """
    read = text[:READ].replace("\u2019", "'")
    possible = _possible(read)
    harmless: list[tuple[int, int]] | None = None
    suggestions: list[tuple[int, Suggestion]] = []
    for risk, pattern in _PATTERNS.items():
        if risk not in possible:
            continue
        spans = pattern.spans(read)
        if not spans:
            continue
        if harmless is None:
            harmless = _HARMLESS.spans(read)
            if "《" in read:
                harmless += [found.span() for found in _TITLE.finditer(read)]
        serious = [span for span in spans if not _within(span, harmless)]
        shown = serious or spans
        words = tuple(dict.fromkeys(text[start:end] for start, end in shown))
        suggestions.append((len(serious), Suggestion(risk, words[:3], look_alike=not serious)))
    suggestions.sort(key=lambda pair: -pair[0])
    return [suggestion for _, suggestion in suggestions]


def _within(span: tuple[int, int], places: list[tuple[int, int]]) -> bool:
    return any(start <= span[0] and span[1] <= end for start, end in places)
