"""JSON files that are not JSON Lines: lists, concatenated lists, objects over several lines.

    [{"a": 1}, {"a": 2}]
    [{"a": 3}]                <- `cat one.json two.json`: both are read

Every element of a list and every object is a row. What follows a list is read too, and where
reading must stop, the last `BadLine` has a reason of `goldleaf.core.input_results.UNREAD`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

from goldleaf.core.errors import BadRow
from goldleaf.core.json_depth import TOO_DEEP, end_of_deep, is_deep
from goldleaf.core.json_values import object_or_none
from goldleaf.formats.row_location import BadLine, FileRow
from goldleaf.formats.strict_json import parse_text

BROKEN = "broken_list"
_ENDS = "the list does not end; is the file whole? How many rows follow is unknown"
_REST = "the rest was not read, and how many rows it holds is unknown"
_LENIENT = json.JSONDecoder(parse_int=str)
"""Finds where a value ends, whatever is wrong inside it."""


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
    if end := end_of_deep(text, at):
        return end > 0
    try:
        _, end = _LENIENT.raw_decode(text, at)
    except ValueError:
        return False
    return "\n" in text[at:end] and text[_skip(text, end) :][:1] in ("", "{", "[")


def rows(
    text: str, offset: int = 0, parse: Callable[[str], object] = parse_text
) -> Iterator[FileRow | BadLine]:
    """Yield every element of lists and every object, numbered from 1, bad ones too.

    Args:
        text: decoded with `surrogateescape`, so that one byte of another encoding costs one row.
        offset: bytes before the text.
        parse: turns the text of one value into it; raises BadRow where it refuses it.
    """
    at = counted = number = 0
    inside, careful = False, is_deep(text)
    while (at := _skip(text, at)) < len(text):
        if text[at] == ("]" if inside else "["):
            at, inside = at + 1, not inside
            continue
        number += 1
        offset += _length(text[counted:at])
        counted = at
        end = end_of_deep(text, at) if careful else 0
        if end > 0:
            yield BadLine(number, offset, "json", TOO_DEEP)
        else:
            try:
                if end:
                    raise ValueError(TOO_DEEP)
                _, end = _LENIENT.raw_decode(text, at)
            except ValueError as error:
                if inside or not _on_its_line(text, at):
                    yield BadLine(number, offset, BROKEN, f"{error}; {_REST}")
                    return
                yield BadLine(number, offset, "json", str(error))
                at = (text.find("\n", at) + 1) or len(text)
                careful = True  # which quote opens a string is counted from the next row on
                continue
            yield _row(text[at:end], number, offset, parse)
        at = _skip(text, end)
        if inside and at < len(text) and text[at] not in ",]":
            offset += _length(text[counted:at])
            yield BadLine(number + 1, offset, BROKEN, f"no comma before the next row; {_REST}")
            return
        at += inside and text[at : at + 1] == ","
    if inside:
        yield BadLine(number + 1, offset + _length(text[counted:]), BROKEN, _ENDS)


def _on_its_line(text: str, at: int) -> bool:
    """Return whether a bad value outside of lists is one line, after which the next row begins."""
    begins = text.rfind("\n", 0, at) + 1
    return text[at] == "{" and not text[begins:at].strip()


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
    if (row := object_or_none(value)) is None:
        return BadLine(number, offset, "not_an_object", "a row must be an object")
    return FileRow(number, offset, row)


def _length(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode("utf-8", "surrogateescape"))


def _skip(text: str, at: int) -> int:
    while at < len(text) and text[at] in " \t\r\n":
        at += 1
    return at
