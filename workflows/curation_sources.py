"""Inputs of a curation: any file of rows, `records.jsonl`, a Label Studio export, or a project."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from goldleaf.core.errors import UsageError
from goldleaf.core.settings import Settings
from goldleaf.core.translations import Translations
from goldleaf.workflows.export_sources import ExportSource, open_source
from goldleaf.workflows.import_rows import open_rows, opened_notes

_FIX = {
    "encoding": "leave it out: rows in .csv, .tsv, .txt and JSON have an encoding to choose, "
    "records and exports are UTF-8",
    "separator": "leave it out: only .csv and .tsv have a separator to choose",
}
"""What to do about an option that no input has."""


def open_curation_sources(
    sources: Sequence[str],
    settings: Settings,
    *,
    encoding: str = "",
    separator: str = "",
    lang: str = "",
    notify: Callable[[str], None] = lambda message: None,
    **options: Any,
) -> list[ExportSource]:
    """Open all inputs of a curation, each once.

    Args:
        sources: the inputs; the other arguments are those of `open_curation_source`.
        settings: the settings.
        encoding: of those files that have one to choose.
        separator: likewise.
        lang: language of what `notify` is called with.
        notify: also called with what was named twice, and with names that several files have.
        **options: more arguments of `open_curation_source`.

    Raises:
        UsageError: an input cannot be opened, there is no such encoding or separator, or no input
            has one to choose.
    """
    words = Translations(lang or settings.language)
    named = Counter(map(_identity, sources))
    once = list({_identity(source): source for source in reversed(sources)}.values())[::-1]
    for source in once:
        if (count := named[_identity(source)]) > 1:
            notify(words("curate.same_file", file=source, count=count))
    names = Counter(Path(source).name for source in once if not _is_project(source))
    for name in sorted(name for name, count in names.items() if count > 1):
        notify(words("curate.same_name", file=name))
    chosen = _chosen(once, {"encoding": encoding, "separator": separator})
    return [
        open_curation_source(source, settings, lang=lang, notify=notify, **options, **written_in)
        for source, written_in in zip(once, chosen, strict=True)
    ]


def open_curation_source(
    source: str,
    settings: Settings,
    *,
    rows_from: str = "public",
    format: str | None = None,
    columns: Mapping[str, str] | None = None,
    encoding: str = "",
    separator: str = "",
    kind: str | None = None,
    project: int | None = None,
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
        kind: what the rows are for; messages about a shape that fits no format name its columns.
        project: the same, by the number of a project of that kind.
        lang: language of what `notify` is called with; the settings' by default.
        notify: called with how a file is read, and what a person should know of a project.
        **known: answers to the questions of the source, such as `licence`.

    Raises:
        UsageError: there is no such project or file, or its shape cannot be guessed.
    """
    from goldleaf.workflows.input_file import InputFile

    words = Translations(lang or settings.language)
    if _is_annotated(source):
        if not _is_project(source):
            export = Path(source).suffix == ".json"
            title = words("curate.label_studio") if export else words("shape.records")
            notify(words("import.shape", file=Path(source).name, title=title))
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
        kind=kind,
        project=project,
        settings=settings,
        **answers,
    )
    for note in opened_notes(rows, words):
        notify(note)
    return ExportSource(rows, file.description, file.check)


def _is_project(source: str) -> bool:
    return source.startswith("project:")


def _identity(source: str) -> tuple[str, str]:
    """Return what an input has in common with no other one; of a file also its name.

    Places in a file are told by its name: a link of another name is another input.
    """
    if _is_project(source):
        return source, ""
    return os.path.realpath(source), Path(source).name


def _chosen(sources: Sequence[str], given: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return for each input those of the given encoding and separator that it has."""
    from goldleaf.formats.read_rows import is_json, is_plain_text, is_text_table
    from goldleaf.formats.table_dialect import known_encoding, known_separator

    asked = {name: value for name, value in given.items() if value}
    if "encoding" in asked:
        known_encoding(asked["encoding"])
    if "separator" in asked:
        known_separator(asked["separator"])
    chosen: list[dict[str, Any]] = []
    for source in sources if asked else ():
        path, own = Path(source), set[str]()
        if is_text_table(path):
            own = {*_FIX}
        elif (is_json(path) or is_plain_text(path)) and not _is_annotated(source):
            own = {"encoding"}
        chosen.append({name: value for name, value in asked.items() if name in own})
    for name in asked:
        if not any(name in each for each in chosen):
            what, where = f"No input has a choice of --{name}.", ", ".join(sources)
            raise UsageError(what, where=where, fix=_FIX[name])
    return chosen or [{} for _ in sources]


def _is_annotated(source: str) -> bool:
    """Return whether an input is a project, holds records, or tasks with their annotations."""
    from goldleaf.formats.goldleaf_records import recognises
    from goldleaf.formats.read_rows import rows
    from goldleaf.formats.row_location import FileRow

    if _is_project(source):
        return True
    path = Path(source)
    first = next((row.value for row in islice(rows(path), 5) if isinstance(row, FileRow)), {})
    if path.suffix == ".json":  # a list of records is read as rows: they keep where they are from
        return "annotations" in first
    return recognises(first)
