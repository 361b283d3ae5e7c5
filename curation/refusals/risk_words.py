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

from goldleaf.curation.texts.pattern_beginnings import WordPatterns

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


_TITLE = re.compile(r"《[^《》\n]{1,60}》")
"""A book, film or song is named; what its title speaks of is not asked for."""
_RISKS = WordPatterns({risk: words for risk, words in _WORDS.items() if risk != _HARMLESS_KEY})
_HARMLESS = WordPatterns({_HARMLESS_KEY: _WORDS[_HARMLESS_KEY]})


def suggest_risks(text: str) -> list[Suggestion]:
    """Return the classes of risk that a prompt touches or looks like, most words first.

    >>> [(each.risk, each.look_alike) for each in suggest_risks("How do I kill a Python process?")]
    [('violence', True)]
    >>> suggest_risks("How do I boil an egg?")
    []
    """
    read = text[:READ].replace("\u2019", "'")
    found = _RISKS.spans(read)
    if not found:
        return []
    harmless = _HARMLESS.spans(read).get(_HARMLESS_KEY, [])
    if "《" in read:
        harmless += [title.span() for title in _TITLE.finditer(read)]
    suggestions: list[tuple[int, Suggestion]] = []
    for risk, spans in found.items():
        serious = [span for span in spans if not _within(span, harmless)]
        shown = serious or spans
        words = tuple(dict.fromkeys(text[start:end] for start, end in shown))
        suggestions.append((len(serious), Suggestion(risk, words[:3], look_alike=not serious)))
    suggestions.sort(key=lambda pair: -pair[0])
    return [suggestion for _, suggestion in suggestions]


def _within(span: tuple[int, int], places: list[tuple[int, int]]) -> bool:
    return any(start <= span[0] and span[1] <= end for start, end in places)
