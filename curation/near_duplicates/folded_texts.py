"""Texts folded to what a reader would call the same, as one array of characters: many at a time.

Folded are letter case, accents, Unicode forms (full-width letters and digits), Traditional to
Simplified Chinese, spaces and punctuation. A text of a million characters or a million short texts
cost the same few numpy operations a character.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from goldleaf.curation.texts.traditional_characters import simplified_characters

Array = np.ndarray[Any, Any]

BOUND = 1
"""Stands after each text; no character folds to it."""
SPACE = 32
_DROPPED = 2
_PLANES = 0x20000
"""Characters from here on are Chinese and fold to themselves."""
_SYMBOLS = frozenset("+#%$=<>^&|~@*/\\-")
_PLAIN = range(0x3400, 0xA000)
"""Chinese characters: letters without case, that fold to themselves; half of the table's time."""
_NO_SPACE = re.compile(rb"[^ ]")
_MARK_SHIFT = np.uint32(24)
_POINT = np.uint32((1 << 24) - 1)
_MARKS = np.uint8(3)
_BESIDE = np.uint32((4 << 24) - 1)


@dataclass(frozen=True)
class FoldedTexts:
    """Texts one after the other, each followed by `BOUND`.

    Attributes:
        characters: code points, uint32.
        starts: of each text, its first place in `characters`, int64.
        ends: the place of its `BOUND`, int64.
    """

    characters: np.ndarray[Any, np.dtype[np.uint32]]
    starts: np.ndarray[Any, np.dtype[np.int64]]
    ends: np.ndarray[Any, np.dtype[np.int64]]

    def text(self, number: int) -> str:
        """Return a folded text."""
        found = self.characters[self.starts[number] : self.ends[number]]
        return found.tobytes().decode("utf-32-le")

    def some(self, numbers: Array) -> FoldedTexts:
        """Return some of the texts, by their numbers."""
        lengths = self.ends[numbers] - self.starts[numbers]
        ends = np.cumsum(lengths + 1) - 1
        starts = ends - lengths
        index = np.arange(ends[-1] + 1 if len(ends) else 0)
        index += np.repeat(self.starts[numbers] - starts, lengths + 1)
        return FoldedTexts(self.characters[index], starts, ends)

    def slice(self, some: slice) -> FoldedTexts:
        """Return texts that follow each other, without a copy of their characters."""
        starts, ends = self.starts[some], self.ends[some]
        if not len(starts):
            return FoldedTexts(self.characters[:0], starts, ends)
        own = self.characters[starts[0] : ends[-1] + 1]
        return FoldedTexts(own, starts - starts[0], ends - starts[0])


def united_texts(parts: Sequence[FoldedTexts]) -> FoldedTexts:
    """Return the texts of all parts, one part after the other."""
    if not parts:
        return fold([])
    sizes = [len(part.characters) for part in parts]
    starts = (np.cumsum(sizes) - sizes).tolist()
    return FoldedTexts(
        np.concatenate([part.characters for part in parts]),
        np.concatenate([part.starts + start for part, start in zip(parts, starts, strict=True)]),
        np.concatenate([part.ends + start for part, start in zip(parts, starts, strict=True)]),
    )


def _joined(texts: Sequence[str]) -> tuple[str, Array]:
    """Return texts as one, each with a line feed after it, and the places of those."""
    lengths = np.fromiter(map(len, texts), np.int64, len(texts))
    return "\n".join((*texts, "")), np.cumsum(lengths + 1) - 1


def _points(text: str) -> Array:
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)


def fold(texts: Sequence[str]) -> FoldedTexts:
    """Fold texts.

    >>> folded = fold(["Ｈello,  Wörld!", "“你好”， 世界 OK", "..."])
    >>> [folded.text(n) for n in range(3)]
    ['hello world', '你好世界ok', '']
    """
    joined, bounds = _joined(texts)
    if joined.isascii():
        return _plain_texts(joined.encode("ascii"), bounds)
    folded = np.take(_marked_table(), _points(joined))
    beside = folded > _BESIDE
    folded &= _POINT
    return _folded_texts(folded, beside, bounds)


def fold_with_symbols(texts: Sequence[str]) -> tuple[FoldedTexts, Array, Array]:
    """Return folded texts, and what folding drops of them that has a meaning.

    Returns:
        the folded texts; the code points of operators, currencies, signs of numbers, and of what
        parts the digits of a number, one text after the other; how many each text has.
    """
    joined, bounds = _joined(texts)
    if joined.isascii():
        plain = joined.encode("ascii")
        points = np.frombuffer(plain, np.uint8)
        marks = np.frombuffer(plain.translate(_plain_tables()[1]), np.uint8)
        found = _plain_texts(plain, bounds)
    else:
        points = _points(joined)
        folded = np.take(_marked_table(), points)
        marks = (folded >> _MARK_SHIFT).astype(np.uint8)
        folded &= _POINT
        found = _folded_texts(folded, marks > _MARKS, bounds)
        marks &= _MARKS
    kept = np.flatnonzero(_with_meaning(marks, points))
    counts = np.diff(np.searchsorted(kept, bounds), prepend=0)
    return found, points[kept].astype(np.uint32), counts


def _with_meaning(marks: Array, points: Array) -> Array:
    """Return which characters mean something that folding drops.

    Args:
        marks: of each character, as in `_marked_table`.
        points: their code points.
    """
    digits = (points - points.dtype.type(ord("0"))) < 10
    near = np.zeros(len(marks), np.bool_)
    near[:-1] = (marks[:-1] > 1) & digits[1:]
    near[1:] &= (marks[1:] == 2) | digits[:-1]
    near[:1] &= marks[:1] == 2
    return near | (marks == 1)


def _plain_texts(joined: bytes, bounds: Array) -> FoldedTexts:
    """Return ASCII texts folded: a byte a character, none of them dropped or Chinese."""
    content = bytearray(joined.translate(_plain_tables()[0]))
    folded = np.frombuffer(content, np.uint8)
    folded[bounds] = BOUND
    # Of a run of spaces the last stays, unless the text begins or ends with it.
    kept = np.ones(len(folded), np.bool_)
    np.logical_not((folded[:-1] == SPACE) & (folded[1:] <= SPACE), out=kept[:-1])
    starts = np.roll(bounds + 1, 1)
    starts[:1] = 0
    for start in starts[folded[starts] == SPACE].tolist():
        first = _NO_SPACE.search(content, start)
        kept[first.start() - 1 if first else start] = False
    return _texts(folded[kept])


def _folded_texts(folded: Array, beside: Array, bounds: Array) -> FoldedTexts:
    """Return texts of folded characters, without those that are dropped and needless spaces.

    Args:
        folded: the characters.
        beside: which are spaces, or such that no space is needed beside them.
        bounds: places of the bounds.
    """
    folded[bounds], beside[bounds] = BOUND, True
    dropped = folded == _DROPPED
    if dropped.any():
        stay = ~dropped
        folded, beside = folded[stay], beside[stay]
    # Of a run of spaces the last stays, unless the run needs none on one of its sides.
    spaces = np.flatnonzero(folded == SPACE)
    if len(spaces):
        first = np.ones(len(spaces), np.bool_)
        np.not_equal(spaces[1:], spaces[:-1] + 1, out=first[1:])
        # The place before the run that a space is in; before all texts there is a bound.
        before = np.maximum.accumulate(np.where(first, spaces, 0)) - 1
        kept = np.ones(len(folded), np.bool_)
        kept[spaces] = ~(beside[spaces + 1] | (before < 0) | beside[before])
        folded = folded[kept]
    return _texts(folded)


def _texts(folded: Array) -> FoldedTexts:
    ends = np.flatnonzero(folded == BOUND)
    starts = np.zeros_like(ends)
    starts[1:] = ends[:-1] + 1
    return FoldedTexts(folded.astype(np.uint32, copy=False), starts, ends)


@cache
def _table() -> np.ndarray[Any, np.dtype[np.uint32]]:
    """Return for each code point what it folds to; 4 MB, made once a process in 0.15 s."""
    table = np.arange(0x110000, dtype=np.uint32)
    for some in (range(_PLAIN.start), range(_PLAIN.stop, _PLANES)):
        table[some.start : some.stop] = [_folded(chr(point)) for point in some]
    table[0xE0000:0xE1000] = _DROPPED
    for old, new in simplified_characters().items():
        table[old] = new
    return table


def _folded(character: str) -> int:
    category = unicodedata.category(character)
    if category in ("Mn", "Me", "Cf"):
        return _DROPPED
    if category[0] in "ZPC" or category in ("Sk",) or character in _SYMBOLS:
        return SPACE
    plain = unicodedata.normalize("NFKD", character.lower())
    if plain == character:
        return ord(character)
    bare = [each for each in plain if unicodedata.category(each) not in ("Mn", "Me", "Cf")]
    one = bare[0] if len(bare) == 1 else character.lower()[:1]
    if unicodedata.category(one)[0] in "ZPC" or one in _SYMBOLS:
        return SPACE
    return ord(one)


@cache
def _marked_table() -> np.ndarray[Any, np.dtype[np.uint32]]:
    """Return `_table` with what a character means in the upper bits.

    1: an operator or currency; 2: a sign before digits; 3: what stands between digits. Above these
    two bits: whether no space is needed beside what it folds to, a space, Chinese or Japanese.
    """
    marks = np.zeros(0x110000, np.uint32)
    marks[[ord(symbol) for symbol in _SYMBOLS]] = 1
    for point in range(0x80, _PLANES):
        if point not in _PLAIN and unicodedata.category(chr(point)) == "Sc":
            marks[point] = 1
    marks[ord("-")] = 2
    marks[[ord(mark) for mark in ".,:"]] = 3
    table = _table()
    wide = ((table >= 0x3005) & (table < 0xA000)) | ((table >= 0xF900) & (table < 0xFB00))
    marks += np.uint32(4) * (wide | (table >= _PLANES) | (table == SPACE))
    return table | (marks << _MARK_SHIFT)


@cache
def _plain_tables() -> tuple[bytes, bytes]:
    """Return what each ASCII character folds to, and what it means as in `_marked_table`."""
    table = _marked_table()[:256]
    marks = (table >> _MARK_SHIFT).astype(np.uint8) & _MARKS
    return bytes((table & _POINT).astype(np.uint8)), bytes(marks)
