"""Inputs of a curation: any file of rows, `records.jsonl`, a Label Studio export, or a project."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import islice
from pathlib import Path
from typing import Any

from goldleaf.core.settings import Settings
from goldleaf.core.translations import Translations
from goldleaf.workflows.export_sources import ExportSource, open_source
from goldleaf.workflows.import_rows import open_rows, opened_notes


def open_curation_source(
    source: str,
    settings: Settings,
    *,
    rows_from: str = "public",
    format: str | None = None,
    columns: Mapping[str, str] | None = None,
    encoding: str = "",
    separator: str = "",
    lang: str = "",
    notify: Callable[[str], None] = lambda message: None,
    **known: str,
) -> ExportSource:
    """Open an input of a curation.

    Args:
        source: `project:NUMBER`, a `records.jsonl`, a Label Studio JSON export, or a file of rows
            (`.jsonl`, `.json`, `.csv`, `.tsv`, `.parquet`).
        settings: say where Label Studio is, and hold the key of the pseudonyms.
        rows_from: the source that rows of a file are imported as: `public`, `expert`...
        format: the rows' shape; guessed by default.
        columns: field -> column, for column names that are not known.
        encoding: of text; detected by default.
        separator: of columns; detected by default.
        lang: language of what `notify` is called with; the settings' by default.
        notify: called with how a file is read, and what a person should know of a project.
        **known: answers to the questions of the source, such as `licence`.

    Raises:
        UsageError: there is no such project or file, or its shape cannot be guessed.
    """
    from goldleaf.workflows.input_file import InputFile

    if source.startswith("project:") or _is_annotated(Path(source)):
        return open_source(source, settings, notify=notify)
    file = InputFile(Path(source))
    answers: Any = known
    rows = open_rows(
        source,
        rows_from,
        format=format,
        columns=columns,
        encoding=encoding,
        separator=separator,
        settings=settings,
        **answers,
    )
    for note in opened_notes(rows, Translations(lang or settings.language)):
        notify(note)
    return ExportSource(rows, file.description, file.check)


def _is_annotated(path: Path) -> bool:
    """Return whether a file holds records, or tasks with their annotations."""
    from goldleaf.formats.goldleaf_records import recognises
    from goldleaf.formats.read_rows import rows
    from goldleaf.formats.row_location import FileRow

    first = next((row.value for row in islice(rows(path), 5) if isinstance(row, FileRow)), {})
    if path.suffix == ".json":  # a list of records is read as rows: they keep where they are from
        return "annotations" in first
    return recognises(first)
