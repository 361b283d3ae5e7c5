"""Which language a text is in, as far as its letters tell: `zh`, `en`, `other` or "" (no language).

Letters, not a model: a pair of answers needs only "the prompt is Chinese, this answer is not".
What is no language is set aside first: code, addresses, formulas. A Chinese character counts as
much as a Latin word. Plain Latin letters count as English: without a model they say no more.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Literal, TypeAlias

Language: TypeAlias = Literal["zh", "en", "other", ""]

READ = 2_000
"""Characters looked at: the start of a text tells its language."""

_NOT_LANGUAGE = re.compile(
    r"```.*?(?:```|\Z)"  # fenced code, closed or cut off
    r"|`[^`\n]*`"
    r"|https?://\S+|(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,64}\.[\w.]{2,64}"
    r"|\$\$.{1,500}?\$\$|\\\[.{1,500}?\\\]"
    r"|<[a-zA-Z/!][^<>\n]{0,200}>"
    r"|^(?: {4}|\t)[^\n]*(?:[;{}()=<>]|\bimport\b)[^\n]*$"  # indented code
    r"|^[ \t]*(?:def|class|import|from|return|for|while|if|elif|else|#include|public|private|"
    r"function|var|let|const|SELECT|INSERT|UPDATE|DELETE|CREATE)\b[^\n]*[:;{}()=*>][ \t]*$"
    r"|^[^\n]*[;{}][ \t]*$"
    r"|(?<![A-Za-z0-9_])[A-Za-z]*[_0-9][A-Za-z0-9_]*",  # identifiers, numbers
    re.DOTALL | re.MULTILINE,
)
_NOT_LANGUAGE_MARK = re.compile(r"[0-9_`/@$\\<>;{}()=*:\t]|    ")
"""What each match of `_NOT_LANGUAGE` holds or stands behind."""
_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003134f]+")
_KANA = re.compile(r"[\u3041-\u30ff\u31f0-\u31ff]+")
_LATIN_WORD = re.compile(r"[A-Za-z\u00c0-\u024f\u1e00-\u1eff]+(?:'[A-Za-z]+)?")
_ACCENT = re.compile(r"[\u00c0-\u024f\u1e00-\u1eff]")
_OTHER_WORD = re.compile(
    r"[^\W\d_a-zA-Z\u00c0-\u024f\u1e00-\u1eff\u3041-\u30ff\u31f0-\u31ff\u3400-\u4dbf"
    r"\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003134f]+"
)
_ACCENTED_SHARE = 0.08
"""Above this share of accented words (and at least three) a Latin text is not English."""


_SPANS_LINES = ("```", "$$", "\\[")
"""What begins something that is no language and may reach over lines."""
_OTHER_LETTER = re.compile(r"[^\W\d_a-zA-Z]")
_CODE_CHARACTERS = re.compile(r"[`<;{}]")
_CODE_ENDS = tuple(":;{}()=*> \t")
_PLAIN_WORD = re.compile(r"(?:^|[ ,])[A-Za-z]+[ ,.!?]")


def language(text: str) -> Language:
    """Return the dominant language of a text; "" where it has no words (code, numbers, nothing).

    >>> language("请解释 Python 的 list comprehension"), language("Say 你好 to my old friend Li")
    ('zh', 'en')
    >>> language("```print(1)```")
    ''
    """
    return _language(text[:READ])


@lru_cache(maxsize=256)  # the same texts are asked about by several rules, and as features
def _language(text: str) -> Language:
    over_lines = any(mark in text for mark in _SPANS_LINES)
    if not over_lines and _latin_alone(text) and any(map(_plain, text.split("\n"))):
        return "en"
    return _closer(text)


def _latin_alone(text: str) -> bool:
    """Return whether all letters of a text are of A to Z."""
    if text.isascii():
        return True
    return not _OTHER_LETTER.search(text) and unicodedata.is_normalized("NFC", text)


def _closer(text: str) -> Language:
    """Return the language of what is left of a text without code, addresses and formulas."""
    prose = unicodedata.normalize("NFC", text)
    if _NOT_LANGUAGE_MARK.search(prose):
        prose = _NOT_LANGUAGE.sub(" ", prose)
    han = sum(map(len, _HAN.findall(prose)))
    kana = sum(map(len, _KANA.findall(prose)))
    latin = _LATIN_WORD.findall(prose)
    others = len(_OTHER_WORD.findall(prose))
    if kana > (han + kana) * 0.1:
        others, han = others + han + kana, 0
    counts: dict[Language, int] = {"zh": han, "en": len(latin), "other": others}
    best = max(counts, key=lambda name: counts[name])
    if not counts[best]:
        return ""
    if best == "en" and _accented(latin):
        return "other"
    return best


def _plain(line: str) -> bool:
    """Return whether a line has a word that no part of `_NOT_LANGUAGE` can take away."""
    if line.startswith((" ", "\t")) or line.endswith(_CODE_ENDS) or _CODE_CHARACTERS.search(line):
        return False
    return _PLAIN_WORD.search(line) is not None


def _accented(words: list[str]) -> bool:
    """Return whether a Latin text is in a language that writes accents."""
    if not _ACCENT.search(" ".join(words)):
        return False
    accented = sum(1 for word in words if _ACCENT.search(word))
    return accented >= 3 and accented > len(words) * _ACCENTED_SHARE
