"""Is a text strewn with signs in place of letters: "The riv#r is v@ry l&ng".

Which signs they are says little; where they stand does. In prose hardly a sign is inside a word, at
its beginning or at its end, and where formulas, code, addresses and tables have some they have few
kinds, in few words, or are known by their form.
"""

from __future__ import annotations

import re

_NOISE = re.compile(
    r"(?<![\w/.@#$&=-])[A-Za-z]*[a-z][#@$%^*~|\\<>{}\[\]][A-Za-z#@$%^*~|\\<>{}\[\]]*+(?!\S*[(/=])"
)
_HAN = re.compile("[\u3400-\u9fff]")
_HAN_NOISE = re.compile("[\u3400-\u9fff][#@$%^*~|\\\\<>](?=[\u3400-\u9fff])")
_SIGN = re.compile(r"[a-z][#@$%^*~|]")
_TOKEN = re.compile(r"\S+")
_LETTERS = re.compile("[A-Za-z\u00c0-\u024f]+")
_RARE = (
    "#$&*+=@^|~\u00a2-\u00a8\u00ac\u00af-\u00b1\u00b4\u00b6\u00b8\u00d7\u00f7\u2020-\u2022\u2030"
    "\u20a0-\u20bf"
)
"""Signs that prose has between spaces or numbers, if at all."""
_ENDS = "!?;%"
"""What ends a sentence or a number, but is never inside a word."""
_MARKS = '",:()<>{}\\[\\]\u201c\u201d'
"""Marks that are inside a word where a space is missing: they count beside rarer ones."""
_STRONG = re.compile(f"[{_RARE}{_ENDS}]")
_STRAY = re.compile(
    rf"(?<=[A-Za-z\u00c0-\u024f])(?![!?;]{{1,2}}[A-Z])[{_RARE}{_ENDS}{_MARKS}]{{1,2}}"
    r"(?=[A-Za-z\u00c0-\u024f])"
    rf"|(?:\A|(?<=\s))(?![#@$])[{_RARE}{_ENDS}](?=[a-z]{{2}})|(?<=[a-z]{{2}})[{_RARE}](?=\s|\Z)"
)
_HAN_STRAY = re.compile(
    rf"(?<=[\u3400-\u9fff，。、；！？])[{_RARE}]{{1,2}}(?=[\u3400-\u9fff])"
    rf"|(?<=[\u3400-\u9fff])(?:[{_RARE}]{{1,2}}(?=[，。、；！？])|[{_ENDS}](?=[\u3400-\u9fff]))"
)
_ARITHMETIC = frozenset("+=\u00d7\u00f7*^%")
"""Between Chinese characters, signs of these alone are a formula in words."""
_CASUAL = frozenset(f"{_ENDS}+&~=")
"""Between Chinese characters these stand for the wide marks, make a list, or soften a tone; then a
single character seldom stands beside one. Of 8,415 comments of a forum, their wide marks made
narrow, 15 have that and so many of them, 93 without the first."""
_LONE_HAN = re.compile(
    rf"(?<![\u3400-\u9fff])[\u3400-\u9fff][{_RARE}{_ENDS}](?=[\u3400-\u9fff])"
    rf"|(?<=[\u3400-\u9fff])[{_RARE}{_ENDS}][\u3400-\u9fff](?![\u3400-\u9fff])"
)
_CODE = re.compile(
    r"[;{}]\s*(?:\n|\Z)|\w\(\)|\w\(\"|#include|\s[=!<>+-]=\s|//|->|=>"
    r"|^\s*(?:def|function|local|import|var|let|const|return|class|public)\b",
    re.MULTILINE,
)
_CODE_SPAN = re.compile(r"```.*?(?:```|\Z)|(?<![^\s(\"])`[^`\n]{1,80}`(?![A-Za-z])", re.DOTALL)
_LONG_TOKEN = 30
"""Characters from which on a token is an address, a key or a line of code."""
_TABLE_RULE = re.compile(r"^[ \t:|]*--[ \t:-]*\|[ \t|:-]*$", re.MULTILINE)
_RULED_LINE = re.compile(r"^[^|\n]{0,400}\|[^\n]*$", re.MULTILINE)
"""A line of a table that has a rule below its head."""
_TABLE_LINE = re.compile(r"^(?:[ \t]*\||[^|\n]{0,400}[ \t]\|(?:[ \t]|$))[^\n]*$", re.MULTILINE)
"""A line of a table; a "|" inside a word makes none."""
_ORDERLY = re.compile(
    r"&(?:[a-z]{2,6}|#[0-9a-fx]{2,6});|[\w.+-]{1,64}@[\w-]{1,64}\.[\w.]{2,64}|\*\*[^*\n]{1,80}\*\*|-{0,3}>|</?\S{1,80}>"
)


def first_stray_sign(text: str) -> tuple[int, int] | None:
    """Return where the first of many signs stands that are in place of letters, None without them.

    >>> first_stray_sign("The riv#r is v@ry l&ng.")
    (7, 8)
    >>> first_stray_sign("Mind R&D, a^2 + b^2 = c^2 and the #1 of 50% @home.") is None
    True
    """
    read = _without_order(text)
    mixed = _HAN_NOISE.findall(read)
    formula = {each[1] for each in mixed} <= _ARITHMETIC
    if len(mixed) >= 3 and not formula and len(mixed) * 25 > len(_HAN.findall(read)):
        found = _HAN_NOISE.search(text)
        return found.span() if found else None
    prose = _CODE_SPAN.sub(blank, read)
    noise = [
        found
        for found in (_NOISE.finditer(prose) if _SIGN.search(prose) else ())
        if sum(map(str.isalpha, found.group())) >= 3  # "A^T" is a formula
    ]
    if len(noise) >= 3 and len(noise) * 6 > len(_TOKEN.findall(prose)):
        return noise[0].span()
    if len(_CODE.findall(prose)) > 1:
        return None
    return _among_han(prose) or _in_words(prose)


def _among_han(text: str) -> tuple[int, int] | None:
    found = list(_HAN_STRAY.finditer(text))
    if len(found) < 2:
        return None
    kinds, han = set("".join(each.group() for each in found)), len(_HAN.findall(text))
    share = 33 if len(kinds) > 2 else 20
    strewn = len(kinds) > 1 and not kinds <= _ARITHMETIC and len(found) * share > han
    strewn &= not kinds <= _CASUAL or bool(_LONE_HAN.search(text))
    return found[0].span() if strewn and han * 2 > len(_TOKEN.findall(text)) else None


def _in_words(text: str) -> tuple[int, int] | None:
    """Return the first stray sign where one word in twelve has some, of several kinds."""
    words = whole = stumps = 0
    first, kinds, strewn = None, set[str](), set[str]()
    for token in _TOKEN.finditer(text):
        word = token.group()
        words += 1
        strays = list(_STRAY.finditer(text, *token.span()))
        if not strays:
            whole += word.strip(".,;:!?\"'()").isalpha()
            continue
        pieces = [len(piece) for piece in _LETTERS.findall(word)]
        formula = sum(pieces) < 3 or max(pieces) < 2 or word.isupper()
        if formula or len(word) > _LONG_TOKEN or word in strewn:
            continue
        strewn.add(word)
        kinds.update(*(each.group() for each in strays))
        stumps += len(pieces) > 1 and min(pieces) <= 2
        first = first or strays[0].span()
    several = len(_STRONG.findall("".join(kinds))) > 1 or len(kinds) > 3
    many = len(strewn) > 1 and len(strewn) * 12 > words and stumps * 25 > words
    return first if several and many and whole * 4 > words else None


def _without_order(text: str) -> str:
    """Return a text, of the same length, without the signs that tables, addresses, bold words use.

    Read of 20 findings in Alpaca, 12 were of these.
    """
    if text.count("|") >= 3:
        line = _RULED_LINE if _TABLE_RULE.search(text) else _TABLE_LINE
        if len(line.findall(text)) >= 3:
            text = line.sub(blank, text)
    return _ORDERLY.sub(blank, text)


def blank(found: re.Match[str]) -> str:
    """Return spaces in place of what was found, with its line breaks."""
    return re.sub(r"[^\n]", " ", found.group())
