r"""Many texts, many patterns: each is tried only on texts with a word that its match must hold.

Python's engine tries a pattern that begins with `\b` at every character. The words that each match
holds one of are read from the pattern itself, and looked up in all texts in one compiled pass; the
pattern is tried on what is left. The answers are the pattern's own, always.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from itertools import product
from typing import Any, Final

import polars as pl

from goldleaf.core.escape_invisible import replace_surrogates
from goldleaf.curation.texts.case_insensitive import AnyCase
from goldleaf.curation.texts.pattern_beginnings import LIKE_LETTERS

WORTH: Final = 128
"""Texts from which a pass over all is worth its start (.1 ms a pattern)."""
_MOST: Final = 600
"""Words that are looked up for a pattern, at most."""
_CHOICES: Final = 16
"""Characters of a class that are taken one by one, at most."""


def found_in(texts: Sequence[str], patterns: Iterable[AnyCase]) -> list[list[bool]]:
    """Return, pattern by pattern, whether it stands in each text (`AnyCase.found`)."""
    lower = [
        text.lower() if text.isascii() else text.translate(LIKE_LETTERS).lower() for text in texts
    ]
    return _tried(texts, lower, [(each.any, each.found) for each in patterns])


def search_in(texts: Sequence[str], patterns: Iterable[re.Pattern[str]]) -> list[list[bool]]:
    """Return, pattern by pattern, whether it is found in each text, all in lower case."""
    return _tried(texts, texts, [(each, each.search) for each in patterns])


def _tried(
    texts: Sequence[str],
    lower: Sequence[str],
    patterns: Sequence[tuple[re.Pattern[str], Callable[..., object]]],
) -> list[list[bool]]:
    if len(texts) < WORTH:
        return [[bool(holds(text)) for text in texts] for _, holds in patterns]
    # half a surrogate pair, which no frame holds, is in no word
    looked_at = pl.Series(map(replace_surrogates, lower), dtype=pl.String).str
    answers: list[list[bool]] = []
    for pattern, holds in patterns:
        words = required_words(pattern.pattern, pattern.flags & re.VERBOSE)
        if words is None:
            answers.append([bool(holds(text)) for text in texts])
            continue
        answer = [False] * len(texts)
        if words:
            for place in looked_at.contains_any([*words]).arg_true().to_list():
                answer[place] = bool(holds(texts[place]))
        answers.append(answer)
    return answers


@cache
def required_words(pattern: str, flags: int = 0) -> tuple[str, ...] | None:
    r"""Return words, in lower case, of which every match of a pattern holds at least one.

    None where that cannot be told; no word where nothing can match.

    >>> required_words(r"\b(?:sorry|afraid)(?: that)? i\b"), required_words(r"\d+")
    (('afraid i', 'afraid that i', 'sorry i', 'sorry that i'), None)
    >>> required_words(r"因为[^。]{2,40}所以"), required_words("(?!)")
    (('因为',), ())
    """
    from re import _parser  # pyright: ignore[reportAttributeAccessIssue]

    try:
        words = _required(_parser.parse(pattern, flags))
    except RecursionError:
        return None
    return None if words is None or len(words) > _MOST else tuple(sorted(words))


def _required(items: Any) -> set[str] | None:
    """Return the best of the sets of words of which each match holds one; None without any."""
    known: list[set[str]] = []
    joined = {""}
    for kind, value in items:
        exact = _exact(str(kind), value)
        if exact is not None and len(exact) * len(joined) <= _MOST:
            joined = {one + other for one, other in product(joined, exact)}
            continue
        known.append(joined)
        joined = exact if exact is not None else {""}
        inner = _inner(str(kind), value)
        if inner is not None:
            known.append(inner)
    useful = [words for words in (*known, joined) if "" not in words]
    return max(useful, key=_rareness, default=None)


def _rareness(words: set[str]) -> tuple[int, int]:
    return min(map(len, words), default=_MOST), -len(words)


def _exact(kind: str, value: Any) -> set[str] | None:
    """Return all that a part of a pattern can match, if it is little; None if not."""
    match kind:
        case "AT" | "ASSERT":
            return {""}
        case "ASSERT_NOT":  # of nothing: `(?!)` never matches
            return {""} if len(value[1]) else set()
        case "FAILURE":
            return set()
        case "LITERAL":
            char = chr(value).lower()
            return {char} if char.isascii() or char == char.upper() else None
        case "IN":
            return _of_class(value)
        case "SUBPATTERN":
            return None if value[1] or value[2] else _of_all(value[3])
        case "BRANCH":
            parts = [_of_all(each) for each in value[1]]
            every = set[str]().union(*(each or () for each in parts))
            return None if None in parts or len(every) > _MOST else every
        case "MAX_REPEAT" | "MIN_REPEAT":
            once = _of_all(value[2]) if value[1] == 1 else None
            return None if once is None else once | ({""} if value[0] == 0 else set())
        case _:
            return None


def _of_class(items: Any) -> set[str] | None:
    found: set[str] = set()
    for kind, value in items:
        if str(kind) == "LITERAL":
            char = _exact("LITERAL", value)
        elif str(kind) == "RANGE" and value[1] - value[0] < _CHOICES:
            every = [_exact("LITERAL", code) for code in range(value[0], value[1] + 1)]
            char = None if None in every else set[str]().union(*(each or () for each in every))
        else:
            return None
        if char is None:
            return None
        found |= char
    return found if len(found) <= _CHOICES else None


def _of_all(items: Any) -> set[str] | None:
    joined = {""}
    for kind, value in items:
        exact = _exact(str(kind), value)
        if exact is None or len(exact) * len(joined) > _MOST:
            return None
        joined = {one + other for one, other in product(joined, exact)}
    return joined


def _inner(kind: str, value: Any) -> set[str] | None:
    """Return the words of which each match of a part holds one, where the part is not little."""
    if kind == "SUBPATTERN":
        return None if value[1] or value[2] else _required(value[3])
    if kind == "BRANCH":
        parts = [_required(each) for each in value[1]]
        return None if None in parts else set[str]().union(*(each or () for each in parts))
    if kind in ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT") and value[0] > 0:
        return _required(value[2])
    return None
