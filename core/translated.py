"""Errors in Chinese: what the program says in English, found again by its pattern.

Rooms raise errors in English, where they know nothing of the reader; the command shows them. A
pattern is the English text with `{}` for what the program put there: `wording/errors.zh.toml`.
"""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib.resources import files


@cache
def patterns() -> list[tuple[re.Pattern[str], str]]:
    """Return (pattern, Chinese) of every known text, those with most letters of their own first."""
    content = files("goldleaf.core").joinpath("wording", "errors.zh.toml").read_text("utf-8")
    known: dict[str, str] = tomllib.loads(content)
    found: list[tuple[re.Pattern[str], str]] = []
    for english in sorted(known, key=lambda text: -len(text.replace("{}", ""))):
        parts = map(re.escape, english.split("{}"))
        found.append((re.compile("(.+?)".join(parts), re.DOTALL), known[english]))
    return found


def translated(text: str, lang: str) -> str:
    """Return what an error says in a language; a text that is not known stays as it is.

    >>> translated("No such file.", "zh"), translated("No such file.", "en")
    ('没有这个文件。', 'No such file.')
    """
    if lang != "zh" or not text:
        return text
    for pattern, chinese in patterns():
        if found := pattern.fullmatch(text):
            return chinese.format(*(translated(part, lang) for part in found.groups()))
    return text
