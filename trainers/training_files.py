"""Files beside the rows of an export: settings for trainers, and pages on how to train."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol, runtime_checkable

from goldleaf.core.translations import Translations
from goldleaf.trainers.registry import trainers, writers
from goldleaf.trainers.table import Table


@runtime_checkable
class WritesConfigs(Protocol):
    """A format of another package that brings files beside its rows without being a trainer."""

    def config_files(self, tables: Sequence[Table], words: Translations) -> Mapping[str, str]:
        """Return path inside the format's folder -> text, for the tables of one format."""
        ...


def config_files(tables: Sequence[Table], words: Translations) -> dict[str, str]:
    """Return path inside OUT -> text of every configuration for the tables of an export.

    Those of every trainer that reads a table's format; {} where none does.

    Args:
        tables: of any formats.
        words: translations, for the comments.
    """
    found: dict[str, str] = {}
    for format, own in _by_format(tables).items():
        writer = writers().get(format)
        parts = [
            trainer.configuration
            for trainer in trainers().values()
            if format in trainer.about.READS
        ]
        for part in (*parts, writer):
            if isinstance(part, WritesConfigs):
                found |= _below(format, part.config_files(own, words))
    return found


def pages(tables: Sequence[Table], words: Translations) -> dict[str, str]:
    """Return path inside OUT -> text of every page on training with the tables of an export.

    Those of every trainer that reads a table's format; {} where none has a page.
    """
    found: dict[str, str] = {}
    for format, own in _by_format(tables).items():
        for trainer in trainers().values():
            if trainer.page is not None and format in trainer.about.READS:
                found |= _below(format, trainer.page.pages(own, words))
    return found


def _by_format(tables: Sequence[Table]) -> dict[str, list[Table]]:
    found: dict[str, list[Table]] = {}
    for table in tables:
        found.setdefault(table.format, []).append(table)
    return found


def _below(format: str, files: Mapping[str, str]) -> dict[str, str]:
    return {f"{format}/{name}": text for name, text in files.items()}
