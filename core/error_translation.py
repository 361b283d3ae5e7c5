"""Error messages in Chinese: the English text is looked up by its pattern.

Rooms raise errors in English, where they know nothing of the reader; the command shows them. A
pattern is the English text with `{}` for what the program put there, in
`locales/errors.zh.ROOM.toml`. Texts of `locales/en.toml` that errors quote are found as well.
"""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from goldleaf.core.translations import load_translations

_QUOTED = "doctor.screen_"
"""What a screen lacks is reported by `doctor`, and is the reason in errors of a project."""


class _Known(NamedTuple):
    parts: list[str]
    pattern: re.Pattern[str]
    chinese: str


@cache
def _known() -> list[_Known]:
    """Return every text that has Chinese, those with most letters of their own first."""
    texts: dict[str, str] = {}
    for file in files("goldleaf.core").joinpath("locales").iterdir():
        if file.name.startswith("errors.zh."):
            texts |= tomllib.loads(file.read_text("utf-8"))
    chinese = load_translations("zh")
    for key, english in load_translations("en").items():
        if key.startswith(_QUOTED):
            names = re.findall(r"{(\w+)}", english)
            texts[re.sub(r"{\w+}", "{}", english)] = re.sub(
                r"{(\w+)}", lambda found, names=names: f"{{{names.index(found[1])}}}", chinese[key]
            )
    found: list[_Known] = []
    for english in sorted(texts, key=lambda text: -len(text.replace("{}", ""))):
        parts = english.split("{}")
        pattern = re.compile("(.+?)".join(map(re.escape, parts)), re.DOTALL)
        found.append(_Known([part for part in parts if part], pattern, texts[english]))
    return found


def translate_error(text: str, lang: str) -> str:
    """Return an error message in a language; an unknown text is returned unchanged.

    So is every text where `lang` is not `zh`. What an error puts in is translated too, and so is
    each sentence of a list and what follows the place that it is about.

    >>> translate_error("No such file.", "zh"), translate_error("No such file.", "en")
    ('没有这个文件。', 'No such file.')
    >>> translate_error("row 3: there is no prompt; the prompt is empty", "zh")
    'row 3：没有提示词；提示词是空的'
    """
    if lang != "zh" or not text:
        return text
    if at := re.search(r" \[byte (\d+)\]$", text):
        return f"{translate_error(text[: at.start()], lang)} [第 {at[1]} 字节]"
    for parts, pattern, chinese in _known():
        # Looking for the parts first keeps a pattern with many gaps from trying every cut.
        if all(part in text for part in parts) and (found := pattern.fullmatch(text)):
            whole = chinese.format(*(translate_error(part, lang) for part in found.groups()))
            listed = "" if any("; " in part for part in parts) else _sides(text, "; ", "；", 2)
            # One sentence with a list in a gap, or a list of sentences: the one with less English.
            return listed if listed and _letters(listed) <= _letters(whole) else whole
    return _sides(text, "; ", "；", 1) or _sides(text, ": ", "：", 1) or text


def _letters(text: str) -> int:
    return sum(letter.isascii() and letter.isalpha() for letter in text)


def _sides(text: str, between: str, mark: str, least: int) -> str:
    """Return both sides of the first mark in Chinese, "" if fewer than `least` are known."""
    sides = text.split(between, 1)
    if len(sides) < 2:
        return ""
    chinese = [translate_error(side, "zh") for side in sides]
    known = sum(one != other for one, other in zip(sides, chinese, strict=True))
    return mark.join(chinese) if known >= least else ""


def translate_place(where: str, lang: str) -> str:
    """Return the place of an error (`file, line 3`) in a language.

    >>> translate_place("mine.yaml, line 3", "zh")
    'mine.yaml，第 3 行'
    """
    return (
        translate_error(re.sub(r", line (\d+)", r"，第 \1 行", where), lang)
        if lang == "zh"
        else where
    )
