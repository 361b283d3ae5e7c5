"""JSON files that are not JSON Lines: lists, concatenated lists, objects over several lines.

    [{"a": 1}, {"a": 2}]
    [{"a": 3}]                <- `cat one.json two.json`: both are read

Every element of a list and every object is a row. What follows a list is read too, and where
reading must stop, the last `BadLine` has a reason of `goldleaf.core.input_results.UNREAD`. A file
is read piece by piece: what is held of it is the row at hand and what was read with it.
"""

from __future__ import annotations

import codecs
import json
from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from goldleaf.core.errors import BadRow
from goldleaf.core.json_depth import (
    MAX_DEPTH,
    TOO_DEEP,
    TooDeep,
    end_of_deep,
    is_deep,
    unclosed_brackets,
)
from goldleaf.core.json_values import object_or_none
from goldleaf.formats.row_location import BadLine, FileRow
from goldleaf.formats.strict_json import parse_text

BROKEN = "broken_list"
PIECE = 2**20
"""Bytes read at a time."""
LONGEST = 2**25
"""Characters of the longest row that is read, as of a line; a longer one ends the reading."""
_BEHIND = 2**16
"""Characters behind a broken line that may be held: an error counts the lines among them."""
_ENDS = "the list does not end; is the file whole? How many rows follow is unknown"
_REST = "the rest was not read, and how many rows it holds is unknown"
_LENIENT = json.JSONDecoder(parse_int=str, object_pairs_hook=lambda pairs: None)
"""Finds where a value ends, whatever is wrong inside it; keeps nothing of its objects."""
_NEAR = 16
"""Characters from the end within which an error, or the end of a number, may be for lack of text: a
word, a number or an escape that is cut. A string that is cut is told by its message."""


def is_list(start: bytes) -> bool:
    """Return whether a file is a JSON list, by its first line that is not blank."""
    return start.lstrip()[:1] == b"["


def may_be_spread(start: bytes) -> bool:
    """Return whether a first line may begin an object that goes on over several lines."""
    line = start.strip()
    return line[:1] == b"{" and line[-1:] in b"{[,:"


def is_spread(text: str) -> bool:
    """Return whether a text begins with an object over several lines, as JSON Lines cannot have it.

    After it may come the end, an object or a list; anything else, or an object that does not end,
    gives False.
    """
    at = _skip(text, 0)
    try:
        end = _end(text, at, deep=is_deep(text))
    except json.JSONDecodeError:
        return False
    return "\n" in text[at:end] and text[_skip(text, end) :][:1] in ("", "{", "[")


def pieces(read: Callable[[int], bytes], start: bytes = b"") -> Iterator[str]:
    """Yield the text of a file, for `rows`: a byte that is no UTF-8 comes as a lone surrogate.

    Args:
        read: returns up to so many of the next bytes; b"" at the end.
        start: bytes before them, already read.
    """
    decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
    for at in range(0, len(start), PIECE):
        yield decoder.decode(start[at : at + PIECE])
    while piece := read(PIECE):
        yield decoder.decode(piece)
    yield decoder.decode(b"", True)


def rows(
    text: Iterable[str], offset: int = 0, parse: Callable[[str], object] = parse_text
) -> Iterator[FileRow | BadLine]:
    """Yield every element of lists and every object, numbered from 1, bad ones too.

    Args:
        text: in pieces of any length, decoded with `surrogateescape`, so that one byte of another
            encoding costs one row.
        offset: bytes before the text.
        parse: turns the text of one value into it; raises BadRow or TooDeep where it refuses it.
    """
    window = _Window(text, offset)
    number, inside = 0, False
    while character := window.skip():
        if character == ("]" if inside else "["):
            window.take(window.at + 1)
            inside = not inside
            continue
        number += 1
        offset = window.offset()
        try:
            end = window.value()
        except _TooLong as error:
            yield BadLine(number, offset, "list_too_long", f"{error}; {_REST}")
            return
        except json.JSONDecodeError as error:
            if inside or not (character == "{" and window.begins_line):
                yield BadLine(number, offset, BROKEN, f"{_said(error, window.at)}; {_REST}")
                return
            yield BadLine(number, offset, "json", _said(error, window.at))
            window.skip_line()
            continue
        yield _row(window.text[window.at : end], number, offset, parse)
        window.take(end)
        follows = window.skip()
        if inside and follows and follows not in ",]":
            detail = f"no comma before the next row; {_REST}"
            yield BadLine(number + 1, window.offset(), BROKEN, detail)
            return
        if inside and follows == ",":
            window.take(window.at + 1)
    if inside:
        yield BadLine(number + 1, window.offset(), BROKEN, _ENDS)


class _TooLong(ValueError):
    """A value did not end within `LONGEST` characters."""


@dataclass(frozen=True)
class _Failure:
    """Values inside each other, over several lines, that are broken at one place.

    A line may begin with each of them. Were each parsed up to where it breaks, that would take the
    square of their number.

    Attributes:
        message: what a parser says.
        at: the character of the whole text at which it says so.
        begins: where these values begin, ascending.
    """

    message: str = ""
    at: int = 0
    begins: Sequence[int] = ()

    def holds(self, at: int) -> bool:
        """Return whether one of the values begins at a character."""
        place = bisect_left(self.begins, at)
        return place < len(self.begins) and self.begins[place] == at


class _Window:
    """The part of a text that is held: from the row at hand to where it was read.

    Attributes:
        text: that part.
        at: the index in it up to which rows were taken.
        begins_line: nothing but blanks stands before `at` on its line.
    """

    def __init__(self, text: Iterable[str], offset: int) -> None:
        self.text = ""
        self.at = 0
        self.begins_line = True
        self._pieces = iter(text)
        self._deep = False
        self._counted, self._offset = 0, offset
        self._dropped = 0
        self._failure = _Failure()

    def offset(self) -> int:
        """Return how many bytes stand before `at`."""
        self._offset += _length(self.text[self._counted : self.at])
        self._counted = self.at
        return self._offset

    def take(self, end: int) -> None:
        """Go on behind something that is no blank."""
        self.at, self.begins_line = end, False

    def skip(self) -> str:
        """Go on to the next character that is no blank, and return it; "" at the end."""
        while True:
            at = _skip(self.text, self.at)
            self.begins_line |= "\n" in self.text[self.at : at]
            self.at = at
            if at < len(self.text) or not self._more():
                return self.text[at : at + 1]

    def skip_line(self) -> None:
        """Go on to the begin of the next line, or to the end."""
        while (end := self.text.find("\n", self.at) + 1) == 0:
            self.at = len(self.text)
            if not self._more():
                return
        self.at, self.begins_line = end, True
        if self.at > _BEHIND:
            self._hold(self.text[self.at :])

    def value(self) -> int:
        """Return the index where the value at `at` ends.

        Raises:
            json.JSONDecodeError: it is broken, or the text ends before it does.
            _TooLong: it is too long.
        """
        if self._failure.holds(self._dropped + self.at):
            at = self._failure.at - self._dropped
            raise json.JSONDecodeError(self._failure.message, "", at)  # counts no lines
        while True:
            try:
                end = _end(self.text, self.at, deep=self._deep)
                # a number may go on; a value that ends here is found again
                if end < len(self.text) - _NEAR or not self._more():
                    return end
            except json.JSONDecodeError as error:
                cut = error.pos >= len(self.text) - _NEAR or error.msg.startswith("Unterminated")
                if not cut or not self._more():
                    if self.text.find("\n", self.at, error.pos) >= 0:
                        self._failure = self._failed(error)
                    raise

    def _failed(self, error: json.JSONDecodeError) -> _Failure:
        """Return which values inside the one at `at` have its error: those that are open there."""
        levels = MAX_DEPTH if error.msg == TOO_DEEP else 0
        begins = unclosed_brackets(self.text, self.at, error.pos, levels)
        whole = array("q", (self._dropped + begin for begin in begins))
        return _Failure(error.msg, self._dropped + error.pos, whole)

    def _more(self) -> bool:
        """Drop what is behind `at` and read on, at least twice as far; False if nothing follows."""
        held = self.text[self.at :]
        if len(held) >= LONGEST:
            raise _TooLong(f"a row of over {LONGEST} characters is not read")
        new: list[str] = []
        length = 0
        while length <= min(len(held), LONGEST - len(held)):
            if (piece := next(self._pieces, None)) is None:
                break
            new.append(piece)
            length += len(piece)
        if not length:
            return False
        self._hold("".join((held, *new)))
        self._deep |= is_deep(self.text)
        return True

    def _hold(self, text: str) -> None:
        """Hold what begins at `at`, and may go on behind what was held."""
        self.offset()
        self._dropped += self.at
        self.text, self.at, self._counted = text, 0, 0


def _end(text: str, at: int, *, deep: bool) -> int:
    """Return the index after a value.

    Args:
        text: holds it.
        at: where it begins.
        deep: something in the text may be too deep for a parser, which can end the process: then
            brackets are counted first.

    Raises:
        json.JSONDecodeError: it is broken, or does not end in this text.
    """
    if deep and (end := end_of_deep(text, at)):
        if end < 0:
            raise json.JSONDecodeError(TOO_DEEP, text, len(text))
        return end
    try:
        return _LENIENT.raw_decode(text, at)[1]
    except RecursionError:  # called from deep inside other calls
        raise json.JSONDecodeError(TOO_DEEP, text, len(text)) from None


def _said(error: json.JSONDecodeError, at: int) -> str:
    """Return what a parser says of a value that begins at an index, whatever stands before it."""
    return f"{error.msg} (character {error.pos - at + 1} of the row)"


def _row(text: str, number: int, offset: int, parse: Callable[[str], object]) -> FileRow | BadLine:
    try:
        text.encode()
    except UnicodeEncodeError as error:
        before = _length(text[: error.start])
        return BadLine(number, offset, "utf8", f"byte {before} of the row is not UTF-8")
    try:
        value = parse(text)
    except BadRow as error:
        return BadLine(number, offset, error.reason, error.detail)
    except TooDeep as error:
        return BadLine(number, offset, "json", str(error))
    if (row := object_or_none(value)) is None:
        return BadLine(number, offset, "not_an_object", "a row must be an object")
    return FileRow(number, offset, row)


def _length(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode("utf-8", "surrogateescape"))


def _skip(text: str, at: int) -> int:
    while at < len(text) and text[at] in " \t\r\n":
        at += 1
    return at
