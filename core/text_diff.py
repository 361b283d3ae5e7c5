"""What differs between two texts, for people: English by word, Chinese and Japanese by character.

Texts are cut as `label_studio_plugin/edit_marks.js` cuts them on the screen: a word, a character, a
run of blanks, or a sign.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple, TypeAlias

from goldleaf.core.text_comparison import canonical

Fate: TypeAlias = Literal["kept", "gone", "new"]
Unit: TypeAlias = Literal["words", "characters"]

AROUND = 60
"""Characters of kept text that are shown before and after a change."""
MOST = 20_000
"""Pieces that are compared; where more than these differ, they count as written anew."""

_CJK = "\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003134f"
_PIECE = re.compile(rf"[{_CJK}]|(?:(?![{_CJK}])[\w'’])+|\s+|.", re.DOTALL)
_IS_CJK = re.compile(f"[{_CJK}]")


class Part(NamedTuple):
    """A run of text that both texts have, or one of them: gone from the old, new in the other."""

    fate: Fate
    text: str


@dataclass(frozen=True, slots=True)
class TextDiff:
    """The new text with what is gone, in order; how many words or characters were changed.

    A word that replaces another is one change. `unit` is `characters` where more of them are
    Chinese or Japanese than are words; signs count among those, blanks never.
    """

    parts: tuple[Part, ...]
    unit: Unit
    count: int

    def shortened(self, around: int = AROUND) -> TextDiff:
        """Return it with long kept parts cut to `around` characters beside the changes."""
        last = len(self.parts) - 1
        shown = tuple(
            Part(fate, _cut(text, around, first=place == 0, last=place == last))
            if fate == "kept"
            else Part(fate, text)
            for place, (fate, text) in enumerate(self.parts)
        )
        return replace(self, parts=shown)

    def marked(self) -> str:
        """Return it as plain text, as `git diff --word-diff` marks it.

        >>> compare("two minutes", "three minutes").marked()
        '[-two-]{+three+} minutes'
        """
        forms = {"kept": "{}", "gone": "[-{}-]", "new": "{{+{}+}}"}
        return "".join(forms[fate].format(text) for fate, text in self.parts)


def compare(old: str, new: str) -> TextDiff:
    """Return what differs between two texts, in their `canonical` form without blanks at the ends.

    >>> compare("泡三分钟", "泡两分钟")
    TextDiff(parts=(Part(fate='kept', text='泡'), Part(fate='gone', text='三'), \
Part(fate='new', text='两'), Part(fate='kept', text='分钟')), unit='characters', count=1)
    """
    parts = tuple(_merged(_runs(_pieces(old), _pieces(new))))
    characters, words = _counts(parts)
    if characters > words:
        return TextDiff(parts, "characters", characters + words + _signs(parts))
    changed = any(part.fate != "kept" for part in parts)
    return TextDiff(parts, "words", max(int(changed), characters + words))


def _pieces(text: str) -> list[str]:
    return _PIECE.findall(canonical(text).strip())


def _runs(old: Sequence[str], new: Sequence[str]) -> Iterator[Part]:
    """Yield what both have at the beginning, what differs between, what both have at the end."""
    from rapidfuzz.distance import Indel

    begin = _alike(old, new)
    end = _alike(old[begin:][::-1], new[begin:][::-1])
    first, last = old[:begin], old[len(old) - end :]
    old, new = old[begin : len(old) - end], new[begin : len(new) - end]
    yield Part("kept", "".join(first))
    if max(len(old), len(new)) > MOST:
        yield from _both("".join(old), "".join(new))
    else:
        for op in Indel.opcodes(old, new):
            i, j, k, m = op.src_start, op.src_end, op.dest_start, op.dest_end
            if op.tag == "equal":
                yield Part("kept", "".join(old[i:j]))
            else:
                yield from _both("".join(old[i:j]), "".join(new[k:m]))
    yield Part("kept", "".join(last))


def _alike(one: Sequence[str], other: Sequence[str]) -> int:
    """Return how many pieces two texts have in common from their beginning."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((place for place, (a, b) in pairs if a != b), min(len(one), len(other)))


def _merged(parts: Iterator[Part]) -> Iterator[Part]:
    """Yield parts with what is gone before what is new, joined over blanks that alone were kept."""
    gone = new = kept = ""
    for fate, text in parts:
        if fate == "kept":
            kept += text
            continue
        if kept and (kept.strip() or not (gone and new)):
            yield from _both(gone, new)
            yield Part("kept", kept)
            gone = new = kept = ""
        gone, new, kept = gone + kept, new + kept, ""
        if fate == "gone":
            gone += text
        else:
            new += text
    yield from _both(gone, new)
    if kept:
        yield Part("kept", kept)


def _both(gone: str, new: str) -> Iterator[Part]:
    if gone:
        yield Part("gone", gone)
    if new:
        yield Part("new", new)


def _counts(parts: Sequence[Part]) -> tuple[int, int]:
    """Return how many characters and how many words were changed."""
    characters = words = 0
    for gone, new in _changes(parts):
        found = [[p for p in _PIECE.findall(text) if p[0].isalnum()] for text in (gone, new)]
        cjk = [sum(bool(_IS_CJK.match(piece)) for piece in each) for each in found]
        characters += max(cjk)
        words += max(len(each) - count for each, count in zip(found, cjk, strict=True))
    return characters, words


def _signs(parts: Sequence[Part]) -> int:
    def signs(text: str) -> int:
        return sum(not piece[0].isalnum() and bool(piece.strip()) for piece in _PIECE.findall(text))

    return sum(max(signs(gone), signs(new)) for gone, new in _changes(parts))


def _changes(parts: Sequence[Part]) -> Iterator[tuple[str, str]]:
    """Yield (what is gone, what is new) of each change."""
    gone = ""
    for fate, text in parts:
        if fate == "gone":
            gone = text
        elif fate == "new":
            yield gone, text
            gone = ""
        elif gone:
            yield gone, ""
            gone = ""
    if gone:
        yield gone, ""


def _cut(text: str, around: int, *, first: bool, last: bool) -> str:
    """Return a kept text without its middle, or without what is away from the changes."""
    begin, end = (0 if first else around), (0 if last else around)
    if len(text) <= begin + end + around:
        return text
    return f"{text[:begin]} … {text[len(text) - end :]}" if end else f"{text[:begin]} …"
