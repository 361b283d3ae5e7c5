"""Inputs of an export: a project, a Label Studio JSON export, or `records.jsonl`."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any

from goldleaf.core.errors import GoldleafError, UsageError
from goldleaf.core.json_depth import loads
from goldleaf.core.json_values import object_or_empty
from goldleaf.core.settings import Settings
from goldleaf.workflows.label_studio_connection import open_studio

if TYPE_CHECKING:
    from goldleaf.adoption.adopted_project import AdoptedProject
    from goldleaf.core.input_results import InputResult
    from goldleaf.formats.row_location import BadLine, FileRow
    from goldleaf.label_configs.read_annotations import AnsweredProject
    from goldleaf.studio.client import Studio
    from goldleaf.studio.projects import Project
    from goldleaf.studio.task_pagination import UnreadableTask
    from goldleaf.workflows.gold_key import GoldQuestion

_SOLVER = "scipy.optimize"
"""What planning needs once all is read, and what takes longest to load."""
_HELD = 500
"""Tasks of a project that may wait to be read; a page of as many more is in memory."""


@dataclass
class ExportSource:
    """One source of an export; `description` fills while it is read, for the manifest.

    `check` is called when all is read: it raises GoldleafError if what was read is not what
    `description` says.
    """

    readings: Iterable[InputResult]
    description: dict[str, Any] = field(default_factory=dict[str, Any])
    check: Callable[[], None] = lambda: None


def open_source(
    source: str,
    settings: Settings,
    studio: Studio | None = None,
    notify: Callable[[str], None] = lambda message: None,
    reading: Path | None = None,
    gold: bool = False,
) -> ExportSource:
    """Open `project:ID`, a Label Studio JSON export (`.json`) or a `records.jsonl`.

    A file of any other ending is taken for a `records.jsonl`. Only the file's hash is made here:
    `readings` may be iterated once and then raise UsageError, for no Label Studio, no such project
    or no such export, and GoldleafError where Label Studio gave too few annotations.

    Args:
        source: which.
        settings: say where Label Studio is, and hold the key of the pseudonyms.
        studio: an open Label Studio to use instead of the settings' one.
        notify: called with what a person should know of a source while it is read.
        reading: what the answers mean of a project that goldleaf did not make and does not
            recognise (`goldleaf.adoption.reading`).
        gold: read the answers to gold questions like others, instead of rejecting them.

    Raises:
        UsageError: it is none of the three, or there is no such file.
    """
    scheme, colon, number = source.partition(":")
    if colon and scheme == "project":
        if not number.isdigit():
            raise UsageError(f"{source!r} is not a project.", fix="write project:NUMBER")
        description: dict[str, Any] = {"project": int(number)}
        return ExportSource(
            _project(int(number), settings, studio, description, notify, reading, gold), description
        )
    from goldleaf.exporters.ingest.record_sources import records_file
    from goldleaf.workflows.input_file import InputFile

    path = Path(source)
    if not os.path.lexists(path):
        fix = "give project:NUMBER, a JSON export of Label Studio, or a records.jsonl"
        raise UsageError("There is no such source.", where=source, fix=fix)
    file = InputFile(path)
    readings = (
        _export_file(path, settings, notify, reading, gold)
        if path.suffix == ".json"
        else records_file(path)
    )
    return ExportSource(readings, file.description, file.check)


def _project(
    number: int,
    settings: Settings,
    given: Studio | None,
    description: dict[str, Any],
    notify: Callable[[str], None],
    reading: Path | None,
    gold: bool,
) -> Iterator[InputResult]:
    from goldleaf.studio.projects import get_project
    from goldleaf.workflows.adjudicated import adjudicated_answers

    studio = given or open_studio(settings)
    # Loaded while Label Studio is at work; not a daemon, which would be cut off inside an import.
    Thread(target=import_module, args=(_SOLVER,)).start()
    try:
        project = get_project(studio, number)
        yield from read_project(studio, project, settings, description, notify, reading, gold=gold)
        for each in adjudicated_answers(studio, project, settings, notify):
            description.setdefault("adjudicated_in", []).append(each.number)
            yield from each.readings
    finally:
        if given is None:
            studio.close()


def read_project(
    studio: Studio,
    project: Project,
    settings: Settings,
    description: dict[str, Any],
    notify: Callable[[str], None],
    reading: Path | None,
    *,
    gold: bool = False,
) -> Iterator[InputResult]:
    """Yield what each annotation of one project became; the arguments are those of `open_source`.

    Args:
        studio: where.
        project: as Label Studio describes it.
        settings: hold the key of the pseudonyms.
        description: gets what the project was when it was read.
        notify: called with what a person should know of it.
        reading: what the answers of a foreign project mean.
        gold: read the answers to gold questions like others.

    Raises:
        UsageError: its answers cannot be read.
        GoldleafError: Label Studio gave too few annotations.
    """
    from goldleaf.core.input_results import InputResult
    from goldleaf.core.read_ahead import read_ahead
    from goldleaf.label_configs.kind import short_hash
    from goldleaf.label_configs.read_annotations import read_task
    from goldleaf.studio.annotation_stream import count_annotations, stream_tasks
    from goldleaf.workflows.gold_key import key_name, read_key

    number = int(project["id"])
    known, kind = reader_of(project, studio, settings, reading)
    questions = read_key(settings.state, key_name(studio.url, project)).questions
    description |= {"kind": kind, "config_hash": short_hash(project["label_config"])}
    before, read = count_annotations(studio, number, project), 0
    lost: list[UnreadableTask] = []
    tasks = stream_tasks(studio, number, described=project, unreadable=lost.append)
    # Label Studio gives the next page while this one is read
    for task in read_ahead(tasks, _HELD):
        read += len(task["annotations"])
        yield from apart_from_gold(
            task, lambda given: read_task(given, known), questions, include=gold
        )
    for missing in lost:
        notify(f"  {missing}")
        read += missing.answers
        key = f"project:{number}/task:{missing.id}"
        # A line of the ledger for each answer that it may hold, at least one for itself.
        for place in range(max(1, missing.answers)):
            named = f"{key}/annotation:?{place + 1}" if missing.answers else key
            yield InputResult(named, reason="unreadable_task", detail=missing.why)
    after = count_annotations(studio, number)
    if before != after:
        notify(f"Project {number} was worked on while it was read: export again for the rest.")
    elif read != after.all:
        raise GoldleafError(
            f"Label Studio counts {after.all} annotations and gave {read}.",
            where=f"project {number}",
            fix="run the export again; if it happens again, run goldleaf doctor",
        )


def apart_from_gold(
    task: Mapping[str, Any],
    read: Callable[[Mapping[str, Any]], Iterator[InputResult]],
    questions: Mapping[str, GoldQuestion],
    *,
    include: bool,
) -> Iterator[InputResult]:
    """Yield what the annotations of a task became; of a gold question a reason, unless asked.

    Args:
        task: with its data.
        read: reads a task.
        questions: by identity, `goldleaf.studio.task_identity.task_hash`.
        include: read the answers to gold questions, under the origin that these really have.
    """
    from goldleaf.core.input_results import InputResult
    from goldleaf.studio.task_identity import task_hash, with_parents

    data = object_or_empty(task.get("data"))
    question = questions.get(task_hash(data)) if questions else None
    if question is None:
        yield from read(task)
    elif include:
        yield from read({**task, "data": with_parents(data, question.parents)})
    else:
        for result in read(task):
            yield InputResult(result.key, reason="gold_question", detail="its answer was known")


def reader_of(
    project: Mapping[str, Any], studio: Studio, settings: Settings, reading: Path | None
) -> tuple[AnsweredProject | AdoptedProject, str]:
    """Return who reads the answers of a project, and the name of that kind.

    Annotators become pseudonyms with the settings' key. The arguments and errors are those of
    `goldleaf.workflows.answer_readers.project_reader`.
    """
    from goldleaf.workflows.answer_readers import project_reader

    accounts, keyed = studio.accounts(), cache(settings.state.pseudonym)
    where = f"{studio.url}/projects/{project['id']}/settings/labeling"
    return project_reader(
        project, where, lambda who: account_pseudonym(who, accounts, keyed), reading
    )


def file_annotator(settings: Settings) -> Callable[[Any], str]:
    """Return what turns the `completed_by` of an export file into a pseudonym."""
    keyed = cache(settings.state.pseudonym)
    return lambda who: account_pseudonym(who, {}, keyed)


_EXPORT = "take the export named JSON in Label Studio's menu, and get it whole"


def export_rows(path: Path) -> Iterator[FileRow | BadLine]:
    """Yield the rows of a JSON export of Label Studio.

    Raises:
        UsageError: the file cannot be read, or holds no JSON list.
    """
    from goldleaf.formats import json_documents
    from goldleaf.formats.jsonl_rows import first_line, opened

    with opened(path) as file:
        _, offset, start = first_line(file.readline)
        if not json_documents.is_list(start):
            what = "This is not a JSON export of Label Studio."
            raise UsageError(what, where=str(path), fix=_EXPORT)
        yield from json_documents.rows(json_documents.pieces(file.read, start), offset, parse=loads)


def _export_file(
    path: Path,
    settings: Settings,
    notify: Callable[[str], None],
    reading: Path | None,
    gold: bool,
) -> Iterator[InputResult]:
    from goldleaf.core.input_results import InputResult
    from goldleaf.formats.row_location import BadLine
    from goldleaf.workflows.answer_readers import FileReaders
    from goldleaf.workflows.gold_key import all_questions

    def values() -> Iterator[Mapping[str, Any]]:
        return (row.value for row in export_rows(path) if not isinstance(row, BadLine))

    readers = FileReaders(path, values, file_annotator(settings), reading, notify)
    questions = all_questions(settings.state)
    for row in export_rows(path):
        key = f"{path.name}:{row.line}"
        if isinstance(row, BadLine):
            yield InputResult(key, reason=row.reason, detail=f"{row.detail} [byte {row.offset}]")
        else:
            yield from apart_from_gold(
                row.value, lambda given, key=key: readers.read(given, key), questions, include=gold
            )


def account_pseudonym(who: Any, accounts: Mapping[int, str], keyed: Callable[[str], str]) -> str:
    """Return the pseudonym of Label Studio's `completed_by`: a number, or an object with e-mail.

    A number without its account says neither who it is nor whether it is a script.
    """
    email = object_or_empty(who).get("email") or accounts.get(who if isinstance(who, int) else -1)
    if email:
        return keyed(str(email))
    if who is None:
        return "unknown"
    _, _, digest = keyed(f"account {who}").partition(":")
    return f"unknown:{digest}"
