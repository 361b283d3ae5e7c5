"""JSON text from outside: what is nested too deep is refused before a parser sees it.

Parsers stop at depths of their own (a thousand levels, ten thousand, never), and not each of them
stops with an error. So levels are counted here, without recursion, and the limit is a depth that
our own files can hold.
"""

from __future__ import annotations

import json
import re
from array import array
from itertools import accumulate
from typing import Any

MAX_DEPTH = 250
"""Most lists and objects inside each other; orjson writes 254."""
TOO_DEEP = f"nested more than {MAX_DEPTH} levels deep"

_KEPT = b'[]{}"'
_OTHERS = bytes(byte for byte in range(256) if byte not in _KEPT)
_STRING = re.compile(rb'"[^"]*"?')
_STEP = [0] * 256
for _byte in _KEPT[:4]:
    _STEP[_byte] = 1 if _byte in b"[{" else -1
_BRACKET = re.compile(r'(?:[^"\[\]{}]++|"(?:[^"\\]++|\\.)*+"?)*+([\[\]{}])', re.DOTALL)
"""The next bracket that is not inside a string."""


class TooDeep(ValueError):
    """A JSON text is nested deeper than `MAX_DEPTH`."""

    def __init__(self) -> None:
        super().__init__(TOO_DEEP)


def is_deep(content: str | bytes) -> bool:
    """Return whether a JSON text is nested deeper than `MAX_DEPTH`, as far as it is JSON.

    Several values may follow each other. What a parser would not reach, because the text is broken
    before it, may be counted wrongly.
    """
    raw = content.encode("utf-8", "surrogatepass") if isinstance(content, str) else content
    if raw.count(b"[") + raw.count(b"{") <= MAX_DEPTH:
        return False
    if b"\\" in raw:
        raw = raw.replace(b"\\\\", b"").replace(b'\\"', b"")
    # two quotes side by side: an empty string, or the end of one and the start of the next
    brackets = _STRING.sub(b"", raw.translate(None, _OTHERS).replace(b'""', b""))
    return max(accumulate(map(_STEP.__getitem__, brackets)), default=0) > MAX_DEPTH


def end_of_deep(text: str, start: int) -> int:
    """Return the index after a value that is nested deeper than `MAX_DEPTH`, -1 if it never ends.

    Args:
        text: may hold more after the value, and need not be JSON.
        start: index where the value begins.

    Returns:
        0 for a value that is not nested so deep.
    """
    depth = deepest = 0
    while found := _BRACKET.match(text, start):
        start = found.end()
        depth += 1 if found[1] in "[{" else -1
        deepest = max(deepest, depth)
        if depth <= 0:
            return start if deepest > MAX_DEPTH else 0
    return -1 if deepest > MAX_DEPTH else 0


def unclosed_brackets(text: str, start: int, end: int, levels: int = 0) -> array[int]:
    """Return the indices of the brackets that are open at an index, ascending.

    Args:
        text: JSON, as far as that index.
        start: index where a value begins.
        end: the index.
        levels: of brackets inside each other that are more than so many, themselves included.
    """
    opened, deepest = array("q"), array("q")  # `deepest`: levels from the start on
    while found := _BRACKET.match(text, start, end):
        start = found.end()
        if found[1] in "[{":
            opened.append(start - 1)
            deepest.append(len(opened))
        elif opened:
            opened.pop()
            inside = deepest.pop()
            if deepest:
                deepest[-1] = max(deepest[-1], inside)
    most = 0
    for place in reversed(range(len(opened))):
        most = max(most, deepest[place])
        if most - place > levels:
            return opened[: place + 1]
    return array("q")


def loads(content: str | bytes) -> Any:
    """Return the value of a JSON text; of bytes the encoding is detected, as `json.loads` does.

    A byte order mark is skipped. NaN, infinities and repeated keys pass, as in `json.loads`; see
    `goldleaf.formats.strict_json` for a parser that refuses them.

    Raises:
        ValueError: it is not JSON, or nested too deep (`TooDeep`).
    """
    if isinstance(content, bytes):
        encoding = json.detect_encoding(content)
        text = content.decode(encoding, "surrogatepass")
        deep = is_deep(content if encoding.startswith("utf-8") else text)  # not encoded once more
    else:
        text, deep = content, is_deep(content)
    if deep:
        raise TooDeep
    try:
        return json.loads(text.removeprefix("\ufeff"))
    except RecursionError:  # called from deep inside other calls
        raise TooDeep from None
