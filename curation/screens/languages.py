"""Answers that mix two languages.

Not what a prompt asks for: translation, "answer in French", a lesson in a language. Code, tables
and formulas have no language. An answer that is in another language than its prompt as a whole is
found by the screen `flaw` (`wrong_language`).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

import polars as pl

from goldleaf.curation.screens.screen import FINDINGS
from goldleaf.curation.texts.language_identifier import identify_prose
from goldleaf.curation.texts.prose import prose

NAME = "language"
VERSION = "2"

MIXED_SHARE, MIXED_LETTERS = 0.25, 60

_READ = 3_000
_ASKED = re.compile(
    r"translat|bilingual|multilingual|languages?\b|\b(?:english|chinese|mandarin|cantonese|french"
    r"|german|spanish|italian|portuguese|japanese|korean|russian|arabic|latin|dutch|greek|hindi"
    r"|turkish|polish|swedish|norwegian|danish|finnish|czech|hebrew|persian|urdu|bengali|tamil"
    r"|vietnamese|thai|indonesian|malay|filipino|tagalog|swahili|ukrainian|romanian|hungarian"
    r"|sanskrit|pinyin|romaji|haiku|idioms?|lyrics?|palindromes?)\b"
    r"|fran\u00e7ais|espa\u00f1ol|deutsch|\u65e5\u672c\u8a9e|\u82f1\u8a9e|\ud55c\uad6d"
    r"|\uc601\uc5b4|\u0430\u043d\u0433\u043b\u0438\u0439|\u0440\u0443\u0441\u0441\u043a"
    r"|[\u7ffb\u8bd1\u8b6f]"
    r"|[\u82f1\u6cd5\u5fb7\u65e5\u97e9\u97d3\u4fc4\u5916\u53cc\u96d9\u4e2d\u6c49\u6f22][\u6587\u8bed\u8a9e]|[\u8bed\u8a9e](?:\u8a00|\u79cd|\u7a2e)|\u5355\u8bcd|\u55ae\u8a5e|\u8bcd\u6c47|\u62fc\u97f3|\u6b4c\u8bcd|\u8461\u8404\u7259|\u897f\u73ed\u7259"
    r"|\u62c9\u4e01|\u963f\u62c9\u4f2f|\u7ca4\u8bed|\u666e\u901a\u8bdd",
    re.IGNORECASE,
)
"""A prompt with one of these may want another language than its own."""
_ENGLISH = (
    r"(?i-u)\b(?:the|of|and|to|is|are|what|how|why|which|write|give|create|find|following|describe"
    r"|explain|generate|identify|classify|rewrite|make|name|tell|provide|suggest|your|with|that"
    r"|this"
    r"|can|for|you|it|by|not|be|have|has|they|she|there|when|where|should|would|from|into|calculate"
    r"|convert|determine|design|develop|edit|compare|select|choose|summarize|analyze|rank|sort"
    r"|compose"
    r"|construct|compile|list|answer|question|sentence|each|these|which|who)\b"
)
_OTHER_SCRIPT = r"[\x{370}-\x{1FFF}\x{2E80}-\x{D7FF}\x{F900}-\x{FAFF}\x{20000}-\x{3134F}]"
_SENTENCE = r"(?:[A-Za-z\x{C0}-\x{24F}']+ ){3}[a-z\x{C0}-\x{24F}]"
_THREE_ACCENTS = r"(?s)[\x{C0}-\x{24F}].*[\x{C0}-\x{24F}].*[\x{C0}-\x{24F}]"
_FAMILIES = (
    {"no", "nb", "nn", "da", "sv"},
    {"es", "pt", "gl", "ca", "ast", "an"},
    {"id", "ms", "jv", "su"},
    {"hr", "sr", "bs", "sh", "sl"},
    {"ru", "uk", "be", "bg", "mk"},
    {"cs", "sk"},
    {"nl", "af", "li"},
)
"""Languages that short texts do not tell apart."""


def screen(records: pl.DataFrame, texts: pl.DataFrame) -> pl.DataFrame:
    """Return a finding, about the whole record, for each such answer."""
    rows = [
        (row, verdict, reason, None, None, None, None, score)
        for row, prompt, answer in _candidates(records).iter_rows()
        for verdict, reason, score in findings(prompt, answer)
    ]
    return pl.DataFrame(rows, schema=FINDINGS, orient="row")


def _candidates(records: pl.DataFrame) -> pl.DataFrame:
    """Return (row, prompt, answer) of records that are not plainly English or Chinese."""
    cut = records.select(
        "row", pl.col("prompt").str.head(_READ), pl.col("answer").str.head(_READ)
    ).filter(pl.col("answer").str.len_bytes() >= 20)
    prompt, answer = pl.col("prompt"), pl.col("answer")

    def is_english(text: pl.Expr) -> pl.Expr:
        ascii_only = text.str.len_bytes() == text.str.len_chars()
        plain = ascii_only | ~text.str.contains(rf"{_OTHER_SCRIPT}|{_THREE_ACCENTS}")
        return plain & text.str.contains(_ENGLISH)

    def is_chinese(text: pl.Expr) -> pl.Expr:
        han = text.str.contains(r"[\x{4E00}-\x{9FFF}]{2}")
        return han & ~text.str.contains(r"[\x{3041}-\x{30FF}\x{AC00}-\x{D7AF}\x{400}-\x{4FF}]")

    mixes_latin = answer.str.contains(r"(?:[A-Za-z']+[ ,.]+){10}") | ~answer.str.contains(
        r"[\x{4E00}-\x{9FFF}][^A-Za-z]*[\x{4E00}-\x{9FFF}]"
    )
    plain = (is_english(prompt) & is_english(answer)) | (
        is_chinese(prompt) & is_chinese(answer) & ~mixes_latin
    )
    # Two texts in plain Latin letters: only a sentence shows that the answer's are not English.
    latin = ~prompt.str.contains(_OTHER_SCRIPT) & ~answer.str.contains(_OTHER_SCRIPT)
    wordless = (answer.str.len_bytes() < 40) | ~answer.str.contains(_SENTENCE)
    return cut.filter(~plain & ~(latin & wordless))


def findings(prompt: str, answer: str) -> Iterator[tuple[str, str, float]]:
    """Yield (verdict, reason, score) of an answer to a prompt."""
    if _ASKED.search(prompt):
        return
    answered = prose(answer)
    if sum(len(line) >= 15 for line in answered.split("\n")) < 2:
        return
    shares, total = _by_paragraph(answered)
    two = [
        (name, letters)
        for name, letters in shares.most_common(2)
        if letters >= max(MIXED_LETTERS, MIXED_SHARE * total)
    ]
    if len(two) < 2 or _are_close(two[0][0], two[1][0]):
        return
    prompts, _ = _by_paragraph(prose(prompt))
    if not all(name in prompts for name, _ in two):
        parts = ", ".join(f"{name} {round(100 * n / total)} %" for name, n in two)
        yield "mixed", parts, round(two[1][1] / total, 2)


def _by_paragraph(text: str) -> tuple[Counter[str], int]:
    """Return letters by language of those paragraphs that tell theirs, and all letters."""
    shares: Counter[str] = Counter()
    total = 0
    for paragraph in text.split("\n"):
        letters = sum(4 if char > "\u2e7f" else 1 for char in paragraph if char.isalpha())
        total += letters
        language, sure = identify_prose(paragraph) if letters >= 40 else ("", 0.0)
        if language and sure >= 0.8:
            shares[language] += letters
    return shares, max(total, 1)


def _are_close(one: str, other: str) -> bool:
    return any(one in family and other in family for family in _FAMILIES)
