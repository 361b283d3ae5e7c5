"""Fold Unicode and typographic variants of a text into plain keyboard characters."""

from __future__ import annotations

import re
import unicodedata

_TAGGED_FLAG = re.compile("\U0001f3f4([\U000e0061-\U000e007a]+\U000e007f)")
_HIDDEN_ONES = (
    "\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f"
    "\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb"
    "\U000e0000-\U000e0fff"
)
_HIDDEN = re.compile(f"[{_HIDDEN_ONES}]+")
_PLAIN = (
    dict.fromkeys("“”„‟«»「」『』｢｣﹁﹂﹃﹄《》〈〉【】〔〕〖〗″〝〞〟״", '"')
    | dict.fromkeys("‘’‚‛‹›´ʹʻʼʽˈ′՚׳", "'")
    | dict.fromkeys("‐‑‒–−﹣⁃", "-")
    | dict.fromkeys("。｡︒।۔", ". ")
    | dict.fromkeys("、､︑﹑", ", ")
    | dict.fromkeys("…⋯︙", "... ")
    | dict.fromkeys("¿¡", " ")
    | dict.fromkeys("〜∼", "~")
    | {"（": "(", "）": ")", "\u3000": " "}
    | {"؟": "?", "،": ",", "؛": ";", "⁄": "/", "∕": "/", "∗": "*"}
)
_RAISED, _LOWERED = "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻ⁿⁱ", "₀₁₂₃₄₅₆₇₈₉₊₋"
_SQUARED = "㎟㎠㎡㎢㎣㎤㎥㎦"
_FRACTIONS = "¼½¾⅐⅑⅒⅓⅔⅕⅖⅗⅘⅙⅚⅛⅜⅝⅞⅟"
_LONG_DASHES = "—―﹘⸺⸻"
_WIDE_MARKS = "，；：！？"
_BY_NEIGHBOUR = _RAISED + _LOWERED + _SQUARED + _FRACTIONS + _LONG_DASHES + _WIDE_MARKS
_ODD = re.compile(f"[{_HIDDEN_ONES}{''.join(_PLAIN)}{_BY_NEIGHBOUR}]")


def fold_unicode(text: str) -> str:
    r"""Return a text in compatible Unicode form, case folded, its typographic signs plain.

    Quotes, dashes and punctuation become those of ASCII, raised and lowered digits `^2` and `_2`,
    white space is left alone. Invisible characters are removed.

    >>> fold_unicode("“ＣＯ₂” – x²\u200b")
    '"co_2" - x^2'
    """
    composed = unicodedata.normalize("NFC", text)  # a letter in two parts is no ASCII neighbour
    text = unicodedata.normalize("NFKC", _ODD.sub(_plain, composed)).casefold()
    if text.isascii():
        return text
    return _ODD.sub(_plain, unicodedata.normalize("NFKC", text))


def without_invisible(text: str) -> str:
    """Return a text without invisible characters (controls, zero-width ones, direction overrides).

    White space is kept, and so are the tag characters of a flag emoji (Scotland's): without them it
    is another flag.
    """
    return _HIDDEN.sub(_flag, text)


def _flag(found: re.Match[str]) -> str:
    """Return nothing, or the tags that spell which flag it is."""
    start = found.start()
    flag = _TAGGED_FLAG.match(found.string, start - 1) if start else None
    return flag[1] if flag else ""


def _plain(found: re.Match[str]) -> str:
    """Return what stands for an odd character, which may depend on its neighbours."""
    odd = found[0]
    if plain := _PLAIN.get(odd):
        return plain
    if odd[0] not in _BY_NEIGHBOUR:
        return _flag(found)
    text, start, end = found.string, found.start(), found.end()
    before, after = text[start - 1 : start], text[end : end + 1]
    if odd in _WIDE_MARKS:  # brings its own space where it stands in narrow text
        narrow = (before + after).isascii() and (before.isalpha() or after.isalpha())
        plain = unicodedata.normalize("NFKC", odd)
        return plain + " " if narrow else plain
    if odd in _LONG_DASHES:
        return "-" if before.isdigit() and after.isdigit() else " "
    if odd in _RAISED:
        return odd if before and before in _RAISED else "^" + odd
    if odd in _LOWERED:
        return odd if before and before in _LOWERED else "_" + odd
    if odd in _SQUARED:
        unit = unicodedata.normalize("NFKC", odd)
        return f"{unit[:-1]}^{unit[-1]}"
    return " " + odd if before.isdigit() else odd
