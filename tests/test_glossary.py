"""The glossary: few terms, both languages, and the translation that the messages really use."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in (ROOT / "docs" / "glossary.md").read_text("utf-8").splitlines()
    if line.startswith("| ") and not line.startswith("| term")
]
MOST = 30
OTHER_MEANING = {
    ("rejected", "decided"): "the worse answer of a pair",
    ("kind", "doctor.screen_close_fix"): "a part of a command",
}
"""Terms that mean something else in a section or a message."""


def messages(lang: str) -> dict[str, str]:
    """Return every message of a language, by section and key."""
    tables = tomllib.loads((ROOT / "core" / "locales" / f"{lang}.toml").read_text("utf-8"))
    return {f"{section}.{key}": text for section in tables for key, text in tables[section].items()}


ENGLISH, CHINESE = messages("en"), messages("zh")


def uses(term: str) -> list[str]:
    """Return the messages that use a term; placeholders and code are not read."""
    found = []
    for key, text in ENGLISH.items():
        section = key.split(".", 1)[0]
        plain = re.sub(r"\{[^}]*\}|`[^`]*`", "", text)
        if re.search(rf"\b{term}s?\b", plain, re.IGNORECASE) and not (
            {(term, section), (term, key)} & OTHER_MEANING.keys()
        ):
            found.append(key)
    return found


def test_there_are_few_terms_and_each_is_whole():
    assert 0 < len(ROWS) <= MOST
    assert all(len(row) == 4 and all(row) for row in ROWS)
    assert len({row[0] for row in ROWS}) == len({row[1] for row in ROWS}) == len(ROWS)


@pytest.mark.parametrize(("term", "chinese"), [row[:2] for row in ROWS])
def test_messages_use_the_term_with_its_one_translation(term: str, chinese: str):
    found = uses(term)
    assert found, "no message uses this term"
    translations = chinese.split("、")
    other = {
        key: (ENGLISH[key], CHINESE[key])
        for key in found
        if not any(each in CHINESE[key] for each in translations)
    }
    assert not other


@pytest.mark.parametrize("key", list(OTHER_MEANING))
def test_every_exception_is_still_needed(key: tuple[str, str]):
    term, place = key
    assert any(each == place or each.startswith(f"{place}.") for each in ENGLISH)
    (chinese,) = (row[1] for row in ROWS if row[0] == term)
    texts = [
        text for each, text in CHINESE.items() if each == place or each.startswith(f"{place}.")
    ]
    assert not all(chinese in text for text in texts)
