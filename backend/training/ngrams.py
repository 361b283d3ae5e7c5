"""Features of a task: character n-grams, which work for Chinese without word segmentation."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from typing import Any

from goldleaf.label_configs.table_columns import TABLE_FIELDS

LONGEST = 3
"""Characters of the longest run. Runs of 1 to 3 do as well as words on English replies and far
better on Chinese, where the usual tokeniser of a text classifier finds no words at all."""
READ = 4_000
"""Characters read of one text."""


def texts_of(data: Mapping[str, Any]) -> dict[str, str]:
    """Return the texts of a task by field, sorted, each cut to `READ` characters.

    Display copies (`shown_*`), columns of the table of tasks and values that are no text are left
    out.

    >>> texts_of({"prompt": "Hi", "shown_prompt": "<p>Hi</p>", "goldleaf": {}})
    {'prompt': 'Hi'}
    """
    return {
        name: text[:READ]
        for name, text in sorted(data.items())
        if isinstance(text, str) and not name.startswith("shown_") and name not in TABLE_FIELDS
    }


def plain(text: str) -> str:
    """Return a text in the form from which n-grams are taken: NFKC, case folded, spaces collapsed.

    White space at both ends is removed; NUL counts as white space.
    """
    folded = text.lower() if text.isascii() else unicodedata.normalize("NFKC", text).casefold()
    return " ".join(folded.replace("\0", " ").split())
