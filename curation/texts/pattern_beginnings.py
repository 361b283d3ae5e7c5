"""Spans of many patterns in one pass over a text: where a match can begin is looked up first.

Words of risk are twenty patterns of hundreds of pieces, and most texts hold hardly any. All plain
beginnings of the pieces make one tree; only where a text has one of them are the patterns that it
belongs to tried.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping

from goldleaf.curation.texts.case_insensitive import AnyCase

LIKE_LETTERS = str.maketrans({"\u017f": "s", "\u0130": "i", "\u0131": "i", "\u212a": "k"})
"""What a pattern that ignores letter case takes for these letters; of no other letter does `lower`
change the length."""
_GROUP = re.compile(r"\(\?:([^()]*)\)([?*{]?)")


class WordPatterns:
    """Patterns of words by name, of which a text is asked for all at once.

    Args:
        words: name -> its pieces of regular expressions, in lower case: `en` stand at the beginning
            and the end of a word, `zh` anywhere.
    """

    def __init__(self, words: Mapping[str, Mapping[str, Collection[str]]]) -> None:
        self.patterns = {name: _pattern(each["en"], each["zh"]) for name, each in words.items()}
        english = {name: each["en"] for name, each in words.items()}
        both = {name: [*each["en"], *each["zh"]] for name, each in words.items()}
        self._ascii = _Beginnings(english, "[^a-z]")
        self._any = _Beginnings(both, "")

    def spans(self, text: str) -> dict[str, list[tuple[int, int]]]:
        """Return where each pattern stands, in their order; those that do not are left out.

        The same as `AnyCase.spans` of each.
        """
        if text.isascii():
            # What stands before a word is looked for, so that letters inside one are passed over.
            starts = self._ascii.starts("\n" + text.lower())
        else:
            starts = self._any.starts(text.translate(LIKE_LETTERS).lower())
        found: dict[str, list[tuple[int, int]]] = {}
        for name in self.patterns.keys() & starts.keys() if starts else ():
            places, pattern = starts[name], self.patterns[name]
            spans = pattern.spans(text) if places is None else pattern.spans_at(text, places)
            if spans:
                found[name] = spans
        return {name: found[name] for name in self.patterns if name in found} if found else found


def _pattern(english: Iterable[str], chinese: Iterable[str]) -> AnyCase:
    return AnyCase(rf"(?<![a-z])(?:{'|'.join(english)})(?![a-z])", rf"(?:{'|'.join(chinese)})")


class _Beginnings:
    """The plain beginnings of the pieces of all patterns.

    Args:
        pieces: name of a pattern -> its pieces.
        before: pattern of the one character that stands before each beginning; "" for any or none.
    """

    def __init__(self, pieces: Mapping[str, Iterable[str]], before: str) -> None:
        names: dict[str, set[str]] = {}
        for name, some in pieces.items():
            for begin in set[str]().union(*map(beginnings, some)):
                names.setdefault(begin, set()).add(name)
        self._anywhere: dict[str, list[int] | None] = dict.fromkeys(names.pop("", ()))
        self._names = {
            begin: [
                name for other, held in names.items() if begin.startswith(other) for name in held
            ]
            for begin in names
        }
        self._pattern = re.compile(f"{before}(?=({_tree(names)}))") if names else None

    def starts(self, text: str) -> dict[str, list[int] | None]:
        """Return the patterns that may stand in a text, and at which characters each may begin.

        None instead of places for one that may begin anywhere. With a `before`, places count from
        the second character of `text`.
        """
        found = dict(self._anywhere)
        for each in self._pattern.finditer(text) if self._pattern else ():
            start = each.start()
            for name in self._names[each[1]]:
                places = found.setdefault(name, [])
                if places is not None and (not places or places[-1] != start):
                    places.append(start)
        return found


def _tree(words: Collection[str]) -> str:
    """Return a pattern of the longest of some words that begins at a place: letter by letter."""
    below: dict[str, list[str]] = {}
    for word in words:
        if word:
            below.setdefault(word[0], []).append(word[1:])
    if not below:
        return ""
    branches = "|".join(re.escape(char) + _tree(rest) for char, rest in sorted(below.items()))
    return f"(?:{branches}){'?' if '' in words else ''}"


def beginnings(piece: str) -> set[str]:
    """Return the plain characters that each match of a piece of a pattern begins with one of.

    >>> sorted(beginnings("kill(?:s|ed)?")), sorted(beginnings("nudes?")), beginnings("a|b")
    (['kill'], ['nude'], {''})
    >>> sorted(beginnings("(?:blacks?|women) who")), sorted(beginnings("(?:at )?home"))
    (['black', 'women'], ['at', 'home'])
    """
    if group := _GROUP.match(piece):
        rest = piece[group.end() :]
        found = set[str]().union(*(beginnings(each) for each in group[1].split("|")))
        return found | beginnings(rest) if group[2] else found
    depth = 0
    for char in piece:
        depth += (char == "(") - (char == ")")
        if char == "|" and not depth:
            return {""}
    plain = re.match(r"[0-9]|[a-z\u3400-\u9fff]*", piece)
    begin = plain.group() if plain else ""
    return {begin[:-1] if piece[len(begin) : len(begin) + 1] in tuple("?*{") else begin}
