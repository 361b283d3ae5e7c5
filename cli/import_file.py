"""`goldleaf import`: rows of a file into a project, or into `records.jsonl`."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from goldleaf.cli.import_findings import FirstRows, report
from goldleaf.cli.options import (
    ConsentOption,
    DataDirOption,
    FormatOption,
    JsonOption,
    LangOption,
    LicenceOption,
    LimitOption,
    MapOption,
    StrictOption,
    UrlOption,
    columns_of,
    settings_of,
)
from goldleaf.cli.output import counting, print_note, stages
from goldleaf.cli.replaceable import keep_apart
from goldleaf.core.errors import GoldleafError, UsageError
from goldleaf.core.translations import Translations

if TYPE_CHECKING:
    from goldleaf.core.settings import Settings
    from goldleaf.sources.read_file import SourceFile


def import_file(
    file: Annotated[
        Path,
        typer.Argument(help=".jsonl, .json (also .gz), .csv, .tsv, .txt or .parquet."),
    ],
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
        typer.Option(help="Where the rows come from, such as public, online_log or expert."),
    ] = "public",
    format: FormatOption = None,
    map: MapOption = None,
    encoding: Annotated[str, typer.Option(help="Text encoding; detected by default.")] = "",
    separator: Annotated[
        str, typer.Option(help="Column separator of a .csv, such as ; or tab; detected by default.")
    ] = "",
    licence: LicenceOption = "",
    consent: ConsentOption = "",
    model: Annotated[str, typer.Option(help="The model that wrote the answers.")] = "",
    spot_check: Annotated[
        str, typer.Option(help="Share of the rows that people check, such as 0.05.")
    ] = "",
    annotator: Annotated[str, typer.Option(help="The expert or group who wrote the rows.")] = "",
    behaviour: Annotated[
        list[str] | None,
        typer.Option(help="What every row shows: benign_twin, or a behaviour of your recipe."),
    ] = None,
    curate: Annotated[
        Path | None,
        typer.Option(help="Screen the rows first, and write what was found into this folder."),
    ] = None,
    rejected: Annotated[
        Path | None, typer.Option(help="Write the rejected rows to this file.")
    ] = None,
    limit: LimitOption = None,
    strict: StrictOption = False,
    overwrite: Annotated[
        bool, typer.Option(help="Replace the files of --records and --rejected whatever they hold.")
    ] = False,
    lang: LangOption = None,
    url: UrlOption = None,
    data_dir: DataDirOption = None,
    as_json: JsonOption = False,
) -> None:
    """Read a file for annotators, or as records.

    Bad rows are reported with their place and stop nothing; a repeated import adds nothing twice.
    """
    from goldleaf.core.files import replacing
    from goldleaf.core.input_results import require_complete_inputs
    from goldleaf.workflows.import_findings import ImportFindings
    from goldleaf.workflows.import_rows import open_rows
    from goldleaf.workflows.import_to_project import import_to_project
    from goldleaf.workflows.import_to_records import import_to_records

    settings = settings_of(data_dir, url, lang)
    words = Translations(settings.language)
    if (project is None) == (records is None):
        fix = "give --project NUMBER or --records FILE, not both"
        raise UsageError("An import needs one destination.", fix=fix)
    keep_apart(file, ("--records", records), ("--rejected", rejected), overwrite=overwrite)
    known = {"licence": licence, "consent": consent, "model": model}
    known |= {"spot_check": spot_check, "annotator": annotator}
    columns = columns_of(map or [])
    if curate is not None:
        file = _curated(file, curate, source, format, columns, known, settings, overwrite=overwrite)
        format, columns = "records", {}
    rows = open_rows(
        file,
        source,
        format=format,
        columns=columns,
        behaviours=behaviour or [],
        encoding=encoding,
        separator=separator,
        kind=kind,
        project=project,
        settings=settings,
        **known,
    )
    _note_opened(rows, words)
    failure: GoldleafError | None = None
    first = FirstRows(words)
    with replacing(rejected) if rejected else nullcontext() as listing:
        findings = ImportFindings(
            listing, on_reject=first.show_rejected, on_flag=first.show_flagged
        )
        if records is not None:
            with counting("records") as step:
                counts, failure = import_to_records(
                    *(rows, records, findings),
                    kind=kind,
                    limit=limit,
                    strict=strict,
                    progress=step,
                )
        else:
            assert project is not None  # one of the two was asked for above
            with counting("tasks") as step:
                counts = import_to_project(
                    *(rows, project, findings, settings),
                    kind=kind,
                    limit=limit,
                    progress=step,
                    notify=print_note,
                )
            failure = findings.failure(sum(counts.values()), file, strict=strict)
    report(findings, counts, words, as_json=as_json)
    if failure is not None:
        raise failure
    require_complete_inputs(findings.reasons)


def _curated(
    file: Path,
    folder: Path,
    source: str,
    format: str | None,
    columns: dict[str, str],
    known: dict[str, str],
    settings: Settings,
    *,
    overwrite: bool,
) -> Path:
    """Screen the rows of a file; return the file of the records with what was found."""
    from goldleaf.workflows.curate import PAGE, RECORDS
    from goldleaf.workflows.curate import curate as run

    words = Translations(settings.language)
    with stages(words, show=True) as step:
        run(
            file,
            folder,
            source,
            format=format,
            columns=columns,
            overwrite=overwrite,
            settings=settings,
            progress=step,
            notify=print_note,
            **known,
        )
    print_note(words("import.curated", page=folder / PAGE))
    return folder / RECORDS


def _note_opened(rows: SourceFile, words: Translations) -> None:
    """Report how a file is read, and what is not known of its rows."""
    title = words.known(f"shape.{rows.format.NAME}") or rows.format.TITLE
    key = "import.guessed" if rows.guessed else "import.shape"
    print_note(words(key, file=rows.path.name, title=title))
    if rows.dialect is not None and rows.dialect.assumed:
        options = words.listed(f"--{name}" for name in rows.dialect.assumed)
        code, mark = rows.dialect.names()
        shown = words.known(f"import.{mark}") or mark
        key = "import.assumed" if rows.dialect.separator else "import.assumed_encoding"
        print_note(words(key, encoding=code, separator=shown, options=options))
    for question in rows.unanswered:
        option = question.field.replace("_", "-")
        asks = words.known(f"asks.{question.field}") or question.asks
        print_note(words("import.not_said", asks=asks, option=option))
