"""Features of a task: words, signs and pairs of neighbours, letters where no spaces are written."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from goldleaf.label_configs.table_columns import TABLE_FIELDS

READ = 4_000
"""Characters read of one text."""
_UNSPACED = "\u0e00-\u0fff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\U00020000-\U0003ffff"
"""Scripts that put no space between words: of South East Asia and Tibet, kana, Chinese characters.
A letter of these is a word of its own, so that nothing need cut the text into words."""
_MARKS = "\u0300-\u036f\u0591-\u05c7\u064b-\u065f\u0900-\u0963\u0970-\u0dff"
"""Accents, points and vowel signs, which are no letters to `re`, and go on with a word."""
_WORD = re.compile(rf"[{_UNSPACED}]|[^\W{_UNSPACED}](?:[^\W{_UNSPACED}]|[{_MARKS}])*|[^\w\s]")
_ASCII_WORD = re.compile(r"\w+|[^\w\s]")


def texts_of(data: Mapping[str, Any]) -> dict[str, str]:
    """Return the texts of a task by field, sorted, each cut to `READ` characters, all of UTF-8.

    Display copies (`shown_*`), columns of the table of tasks and values that are no text are left
    out.

    >>> texts_of({"prompt": "Hi", "shown_prompt": "<p>Hi</p>", "goldleaf": {}})
    {'prompt': 'Hi'}
    """
    return {
        name: text[:READ].encode("utf-8", "replace").decode()
        for name, text in sorted(data.items())
        if isinstance(text, str) and not name.startswith("shown_") and name not in TABLE_FIELDS
    }


def words_of(text: str) -> list[str]:
    """Return the words and signs of a text in its order: NFKC, case folded, without white space.

    NUL counts as white space.

    >>> words_of("I can't! 你好")
    ['i', 'can', "'", 't', '!', '你', '好']
    """
    if text.isascii():
        return _ASCII_WORD.findall(text.lower().replace("\0", " "))
    folded = unicodedata.normalize("NFKC", text).casefold()
    return _WORD.findall(folded.replace("\0", " "))


def ngrams_of(text: str) -> list[str]:
    """Return the words of a text, then each pair of neighbours, with a space between.

    >>> ngrams_of("Why not")
    ['why', 'not', 'why not']
    """
    words = words_of(text)
    return words + [f"{first} {second}" for first, second in pairwise(words)]
