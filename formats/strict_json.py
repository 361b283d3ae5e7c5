"""Strict JSON parsing: duplicate keys, NaN and what other parsers read otherwise is refused.

A key given twice, a number that is not finite, half of a surrogate pair: each is read differently
by different parsers, and most say nothing.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from typing import Any

import orjson

from goldleaf.core.errors import BadRow
from goldleaf.core.json_depth import TOO_DEEP, is_deep

_NAMED, _SHOWN = 10, 100
"""Names of an error that are shown, and how many characters of each."""


def parse(raw: bytes) -> Any:
    """Parse one JSON text, strictly; an integer beyond 64 bits comes as the text of its digits.

    Raises:
        BadRow: `utf8`, `json`, `non_finite`, `dup_key` or `bad_unicode`.
    """
    known = as_dumped(raw)
    return with_care(raw) if known is None else known


def with_care(raw: bytes) -> Any:
    """Parse the bytes of one JSON text with Python's parser.

    Raises:
        BadRow: `utf8`, or what `parse_text` raises.
    """
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise BadRow("utf8", f"byte {error.start} of the line is no UTF-8") from None
    return parse_text(text)


def parse_text(text: str) -> Any:
    """Parse a JSON text strictly, as `parse` does bytes; integers beyond 64 bits come as text.

    Raises:
        BadRow: `json` (also for too deep nesting), `non_finite`, `dup_key` or `bad_unicode`.
    """
    if is_deep(text):
        raise BadRow("json", TOO_DEEP)
    try:
        value = _DECODER.decode(text.strip(" \t\r\n"))
    except ValueError as error:
        raise BadRow("json", str(error)) from None
    except RecursionError:  # called from deep inside other calls
        raise BadRow("json", TOO_DEEP) from None
    if "\\ud" in text or "\\uD" in text:
        _surrogates(value)
    return value


def parse_inside(text: str, where: str, reason: str) -> Any:
    """Parse JSON that is a text inside a row, such as the arguments of a call.

    Args:
        text: the JSON text.
        where: its place in the row, for the error.
        reason: the code of the error if it is no JSON.

    Raises:
        BadRow: `reason` where it is no JSON, else what `parse_text` raises.
    """
    try:
        return parse_text(text)
    except BadRow as error:
        broken = error.reason == "json"
        raise BadRow(reason if broken else error.reason, f"{where}: {error.detail}") from None


def as_dumped(raw: bytes) -> Any:
    """Return the object of a line that a fast parser reads and writes back byte for byte.

    Nothing is lost on such a line: no key comes twice, no number is too long or not finite. Our own
    files are all of this kind. Any other line gives None and is read with care.
    """
    try:
        value = orjson.loads(raw)
        written = orjson.dumps(value)
    except (orjson.JSONDecodeError, orjson.JSONEncodeError):  # no JSON; nested beyond its depth
        return None
    return value if written == raw.rstrip(b"\n") else None


def _surrogates(value: Any) -> None:
    try:
        json.dumps(value, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError:
        raise BadRow("bad_unicode", "half of a surrogate pair stands alone") from None


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        times = Counter(name for name, _ in pairs)
        twice = sorted(name[:_SHOWN] for name, count in times.items() if count > 1)
        more = ["..."] if len(twice) > _NAMED else []
        raise BadRow("dup_key", ", ".join([*twice[:_NAMED], *more]))
    return found


def _float(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise BadRow("non_finite", text[:40])
    return number


def _int(text: str) -> int | str:
    """Return a number; beyond 64 bits its digits, because no JSON reader keeps them."""
    if len(text) > 100:
        raise BadRow("non_finite", f"an integer of {len(text)} digits")
    number = int(text)
    return number if -(2**63) <= number < 2**64 else text


def _constant(text: str) -> float:
    raise BadRow("non_finite", text)


_DECODER = json.JSONDecoder(
    object_pairs_hook=_object, parse_float=_float, parse_int=_int, parse_constant=_constant
)
