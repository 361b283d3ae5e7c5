"""Companion files of the tables: trainer configurations and training instructions."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from goldleaf.core.translations import Translations
from goldleaf.trainers.table import Table
from goldleaf.trainers.training_files import config_files, pages


def write_companions(staged: Path, tables: Sequence[Table], lang: str) -> None:
    """Write trainer configurations and training instructions for tables below `staged`.

    `lang` (`en` or `zh`) is the language of instructions and comments.
    """
    words = Translations(lang)
    for name, text in sorted({**config_files(tables, words), **pages(tables, words)}.items()):
        target = staged / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, "utf-8")
