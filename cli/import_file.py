"""`goldleaf import`: rows of a file into a project, or into `records.jsonl`."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from goldleaf.cli.import_findings import Findings
from goldleaf.cli.options import (
    DataDirOption,
    JsonOption,
    LangOption,
    StrictOption,
    UrlOption,
    settings_of,
)
from goldleaf.cli.output import counting, note
from goldleaf.cli.replaceable import check_replaceable, is_record, is_rejection
from goldleaf.core.errors import BadRow, GoldleafError, NothingUsable, RejectedRows, UsageError
from goldleaf.core.translations import Translations
from goldleaf.workflows.label_studio_connection import open_studio

if TYPE_CHECKING:
    from goldleaf.core.input_results import InputResult
    from goldleaf.core.settings import Settings
    from goldleaf.formats.column_names import Wanted
    from goldleaf.label_configs.kind import Codec


def import_file(
    file: Annotated[Path, typer.Argument(help=".jsonl, .json (also .gz), .csv, .tsv or .parquet.")],
    kind: Annotated[
        str | None, typer.Option(help="The kind of annotation; the project's own by default.")
    ] = None,
    project: Annotated[
        int | None, typer.Option("--project", "-p", help="Import into this project, by its number.")
    ] = None,
    records: Annotated[
        Path | None, typer.Option(help="Write records to this file instead.")
    ] = None,
    source: Annotated[
        str,
        typer.Option(
            help="Where the rows come from: public, online_log, self_instruct, expert or feedback."
        ),
    ] = "public",
    format: Annotated[
        str | None, typer.Option(help="Format of the rows; detected by default.")
    ] = None,
    map: Annotated[
        list[str] | None, typer.Option(help="field=column, for column names that are not known.")
    ] = None,
    encoding: Annotated[str, typer.Option(help="Text encoding; detected by default.")] = "",
    separator: Annotated[
        str, typer.Option(help="Column separator of a .csv, such as ; or tab; detected by default.")
    ] = "",
    licence: Annotated[str, typer.Option(help="The rows' licence, such as CC-BY-4.0.")] = "",
    consent: Annotated[str, typer.Option(help="How consent was given.")] = "",
    model: Annotated[str, typer.Option(help="The model that wrote the answers.")] = "",
    spot_check: Annotated[
        str, typer.Option(help="Share of the rows that people check, such as 0.05.")
    ] = "",
    annotator: Annotated[str, typer.Option(help="The expert or group who wrote the rows.")] = "",
    behaviour: Annotated[
        list[str] | None,
        typer.Option(help="What every row shows: benign_twin, or a behaviour of your recipe."),
    ] = None,
    rejected: Annotated[
        Path | None, typer.Option(help="Write the rejected rows to this file.")
    ] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="Read this many rows only.")] = None,
    strict: StrictOption = False,
    overwrite: Annotated[
        bool, typer.Option(help="Replace --records or --rejected whatever they hold.")
    ] = False,
    lang: LangOption = None,
    url: UrlOption = None,
    data_dir: DataDirOption = None,
    as_json: JsonOption = False,
) -> None:
    """Read a file for annotators, or as records.

    Bad rows are reported with their place and stop nothing; a repeated import adds nothing twice.
    """
    from itertools import islice

    from goldleaf.core.file_lock import locked
    from goldleaf.core.files import replacing
    from goldleaf.core.input_results import require_complete_inputs
    from goldleaf.sources.read_file import read_file

    settings = settings_of(data_dir, url, lang)
    words = Translations(settings.language)
    if (project is None) == (records is None):
        raise UsageError("Where to?", fix="give --project NUMBER or --records FILE, not both")
    said = {"licence": licence, "consent": consent, "model": model}
    said |= {"spot_check": spot_check, "annotator": annotator}
    _keep_apart(file, records, rejected, overwrite=overwrite)
    intake = read_file(
        file,
        source,
        format=format,
        mapping=_mapping(map or []),
        pseudonym=lambda name: settings.state.pseudonym(name),
        behaviours=behaviour or [],
        encoding=encoding,
        separator=separator,
        wanted=lambda: _wanted(kind, settings, project),
        **{field: answer for field, answer in said.items() if answer},
    )
    title = words.known(f"shape.{intake.format.NAME}") or intake.format.TITLE
    note(words("import.guessed" if intake.guessed else "import.shape", file=file.name, title=title))
    if intake.dialect is not None and intake.dialect.assumed:
        options = words.listed(f"--{name}" for name in intake.dialect.assumed)
        code, mark = intake.dialect.names()
        shown = words.known(f"import.{mark}") or mark
        key = "import.assumed" if intake.dialect.separator else "import.assumed_encoding"
        note(words(key, encoding=code, separator=shown, options=options))
    for question in intake.unanswered:
        option = question.field.replace("_", "-")
        asks = words.known(f"asks.{question.field}") or question.asks
        note(words("import.not_said", asks=asks, option=option))
    failure: GoldleafError | None = None
    with replacing(rejected) if rejected else nullcontext() as listing:
        found = Findings(listing, words)
        readings = found.watch(islice(intake, limit))
        if records is not None:
            told, failure = _to_records(readings, found, records, file, strict=strict)
        else:
            assert project is not None  # one of the two was asked for above
            with (
                open_studio(settings) as studio,
                locked(
                    settings.state.create().import_lock(studio.url, project),
                    waiting=lambda: note(
                        f"Another import into project {project} is running; waiting for it to end."
                    ),
                ),
            ):
                told = _to_project(readings, found, studio, project, kind)
            failure = found.failure(sum(told.values()), file, strict=strict)
    found.report(told, as_json=as_json)
    if failure is not None:
        raise failure
    require_complete_inputs(found.reasons)


def _wanted(name: str | None, settings: Settings, project: int | None) -> Wanted:
    """Return what rows are for: the kind named, or the project's where it can be read now."""
    from goldleaf.formats.column_names import Wanted
    from goldleaf.label_configs.registry import kind_named
    from goldleaf.studio.projects import project_kind

    try:
        if name is None and project is None:
            return Wanted()
        if name is not None:
            kind = kind_named(name)
        else:
            with open_studio(settings) as studio:
                kind = project_kind(studio, project or 0)
    except GoldleafError:
        return Wanted()
    return Wanted(kind.name, kind.codec.SHOWS)


def _keep_apart(
    file: Path, records: Path | None, rejected: Path | None, *, overwrite: bool
) -> None:
    """Hold that nothing is written over the input, or over a file that is not ours."""
    given = [path for path in (file, records, rejected) if path is not None]
    if len({os.path.realpath(path) for path in given}) < len(given):
        fix = "give --records and --rejected names of their own"
        raise UsageError("One file is named twice.", where=str(file), fix=fix)
    for path, is_ours, option in (
        (records, is_record, "--records"),
        (rejected, is_rejection, "--rejected"),
    ):
        if path and check_replaceable(path, is_ours, option, overwrite=overwrite):
            note(f"{path} is replaced.")


def _mapping(given: list[str]) -> dict[str, str]:
    pairs: dict[str, str] = {}
    for pair in given:
        field, equals, column = pair.partition("=")
        if not equals or not field or not column:
            raise UsageError(f"{pair!r} is no mapping.", fix="write --map field=column")
        pairs[field] = column
    return pairs


def _to_records(
    readings: Iterator[InputResult], found: Findings, records: Path, file: Path, *, strict: bool
) -> tuple[dict[str, int], GoldleafError | None]:
    """Write records; where the run fails in the end, the file is left as it was."""
    from goldleaf.core.files import replacing
    from goldleaf.core.records_jsonl import to_line

    written = 0
    try:
        with replacing(records) as output, counting("records") as step:
            for reading in readings:
                for record in reading.records:
                    output.write(to_line(record) + b"\n")
                    written += 1
                    step(written)
            if failure := found.failure(written, file, strict=strict, kept=records):
                raise failure
    except (NothingUsable, RejectedRows) as failed:
        return {"written": 0}, failed
    return {"written": written}, None


def _to_project(
    readings: Iterator[InputResult], found: Findings, studio: Any, project: int, name: str | None
) -> dict[str, int]:
    from goldleaf.label_configs.registry import kind_named
    from goldleaf.studio.projects import project_kind
    from goldleaf.studio.task_import import import_tasks

    kind = project_kind(studio, project)
    if name is not None and kind_named(name) is not kind:
        raise UsageError(
            f"Project {project} is of the kind {kind.name}, not {name}.",
            fix="name another project, or make one: goldleaf project new " + name,
        )
    keys: list[str] = []

    def tasks() -> Iterator[Mapping[str, Any]]:
        for reading in readings:
            for task in _shown(reading, kind.codec, found):
                keys.append(reading.key)
                yield task

    with counting("tasks") as step:
        outcome = import_tasks(studio, project, tasks(), progress=step)
    for position, why in outcome.refused:
        found.reject(keys[position], "refused_by_label_studio", why)
    if outcome.updated:
        note(f"  {outcome.updated} tasks that were there name their new origin or licence now")
    return {"created": outcome.created, "already_there": outcome.already_there}


def _shown(reading: InputResult, codec: Codec, found: Findings) -> list[dict[str, Any]]:
    """Return the tasks of a row; it is rejected only if none of its records fits the kind."""
    # Of rows a share of which people check, only that share is put before them.
    drawn = [r for r in reading.records if r.tags.signals.get("spot_check") != 0]
    tasks: list[dict[str, Any]] = []
    unfit: list[BadRow] = []
    for record in drawn:
        try:
            tasks.append(codec.to_task(record))
        except BadRow as bad:
            unfit.append(bad)
    if unfit and not tasks:
        found.reject(reading.key, unfit[0].reason, unfit[0].detail)
    else:
        found.beside["unfit_records"] += len(unfit)
    found.beside["not_drawn"] += len(reading.records) - len(drawn)
    return tasks
