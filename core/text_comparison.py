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
    """Return whether two texts are the same to a reader, by their `canonical` form.

    White space at both ends does not count; letter case and white space inside count.
    """
    return canonical(one).strip() == canonical(other).strip()


def edit_distance(one: str, other: str) -> int:
    """Return the Levenshtein distance of two texts, in characters.

    Both are compared in `canonical` form without white space at their ends, so texts that are
    `same_text` are 0 apart.
    """
    from rapidfuzz.distance import Levenshtein

    return Levenshtein.distance(canonical(one).strip(), canonical(other).strip())


def why_not_utf8(text: str) -> str:
    r"""Return the reason why a text must not be written as UTF-8: "" where it may.

    `control_chars` for NUL, which breaks C readers further down the line; `bad_unicode` for a lone
    surrogate, which cannot be encoded.

    >>> why_not_utf8("a"), why_not_utf8("a\x00"), why_not_utf8("a\ud800")
    ('', 'control_chars', 'bad_unicode')
    """
    if "\x00" in text:
        return "control_chars"
    return "bad_unicode" if not text.isascii() and _SURROGATE.search(text) else ""
