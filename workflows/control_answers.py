"""Read what annotators answered, control by control, from projects and export files."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from goldleaf.core.errors import BadRow, UsageError
from goldleaf.core.settings import Settings

if TYPE_CHECKING:
    import polars as pl

    from goldleaf.studio.client import Studio

_FIX = "give project:NUMBER, or a JSON export of Label Studio"


def read_control_answers(
    sources: Iterable[str],
    settings: Settings,
    studio: Studio | None = None,
    notify: Callable[[str], None] = lambda message: None,
    reading: Path | None = None,
) -> pl.DataFrame:
    """Return all annotations of the sources as a table of `control_answer_schema`.

    Every state is in it; `goldleaf.agreement.control_answers.current_answers` leaves those that
    count.

    Args:
        sources: `project:ID`, or the path of a Label Studio JSON export.
        settings: say where Label Studio is, and hold the key of the pseudonyms.
        studio: an open Label Studio to use instead of the settings' one.
        notify: called with what a person should know of a source while it is read.
        reading: what the answers mean of a project that goldleaf did not make and does not
            recognise (`goldleaf.adoption.reading`).

    Raises:
        UsageError: a source is neither, cannot be read, or is of no kind that is known.
    """
    from goldleaf.agreement.control_answers import control_answers

    def rows() -> Iterator[tuple[object, ...]]:
        for source in dict.fromkeys(sources):
            scheme, colon, number = source.partition(":")
            if colon and scheme == "project" and number.isdigit():
                yield from _of_project(int(number), settings, studio, notify, reading)
            elif os.path.lexists(source):
                yield from _of_file(Path(source), settings, notify, reading)
            else:
                raise UsageError("There is no such source of answers.", where=source, fix=_FIX)

    return control_answers(rows())


def _of_project(
    number: int,
    settings: Settings,
    given: Studio | None,
    notify: Callable[[str], None],
    reading: Path | None,
) -> Iterator[tuple[object, ...]]:
    from goldleaf.agreement.control_answers import answers_of
    from goldleaf.studio.annotation_stream import stream_tasks
    from goldleaf.studio.projects import get_project
    from goldleaf.workflows.export_sources import reader_of
    from goldleaf.workflows.label_studio_connection import open_studio

    studio = given or open_studio(settings)
    try:
        project = get_project(studio, number)
        known, _ = reader_of(project, studio, settings, reading)
        tasks = stream_tasks(
            studio, number, described=project, unreadable=lambda lost: notify(f"  {lost}")
        )
        for task in tasks:
            yield from answers_of(task, known)
    finally:
        if given is None:
            studio.close()


def _of_file(
    path: Path, settings: Settings, notify: Callable[[str], None], reading: Path | None
) -> Iterator[tuple[object, ...]]:
    from goldleaf.agreement.control_answers import answers_of
    from goldleaf.formats.row_location import BadLine
    from goldleaf.workflows.answer_readers import FileReaders
    from goldleaf.workflows.export_sources import export_rows, file_annotator

    def values() -> Iterator[Mapping[str, Any]]:
        return (row.value for row in export_rows(path) if not isinstance(row, BadLine))

    annotator = file_annotator(settings)
    readers = FileReaders(path, values, annotator, reading, notify)
    for row in values():
        try:
            task = readers.task(row)
        except BadRow as bad:
            notify(f"{path.name}: {bad.detail}")
            continue
        yield from answers_of(task, readers.reader(task), annotator)
