"""When two texts count as equal, and how far apart they are."""

from __future__ import annotations

import re
import unicodedata

_SURROGATE = re.compile("[\ud800-\udfff]")


def canonical(text: str) -> str:
    r"""Return the text as hashes see it: NFC, newlines as LF; nothing else is touched.

    >>> canonical("e\u0301\r\n") == "\u00e9\n"
    True
    """
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def same_text(one: str, other: str) -> bool:
    """Return whether two texts are the same to a reader: canonical form, stripped."""
    return canonical(one).strip() == canonical(other).strip()


def edit_distance(one: str, other: str) -> int:
    """Return the Levenshtein distance of two texts, in characters, after `canonical`."""
    from rapidfuzz.distance import Levenshtein

    return Levenshtein.distance(canonical(one).strip(), canonical(other).strip())


def why_not_utf8(text: str) -> str:
    """Return the reason why a text cannot be written as UTF-8, or an empty string.

    Lone surrogates cannot be encoded; NUL breaks C readers further down the line.
    """
    if "\x00" in text:
        return "control_chars"
    return "bad_unicode" if not text.isascii() and _SURROGATE.search(text) else ""
