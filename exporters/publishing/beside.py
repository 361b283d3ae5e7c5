"""Files beside an export that make each trainer use it rightly; every format brings its own."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from goldleaf.core.translations import Translations
from goldleaf.exporters.publishing.table import Table
from goldleaf.formats.format import Accompanied, Writer


def write_companions(
    staged: Path, tables: Sequence[Table], writers: Sequence[Writer], lang: str
) -> None:
    """Write the companions of every format that has some, below its folder in `staged`."""
    for writer in writers:
        own = [table for table in tables if table.format == writer.NAME]
        if not own or not isinstance(writer, Accompanied):
            continue
        for name, text in sorted(writer.companions(own, Translations(lang)).items()):
            target = staged / writer.NAME / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, "utf-8")
