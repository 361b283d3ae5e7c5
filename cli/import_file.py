"""`goldleaf import`: rows of a file into a project, or into `records.jsonl`."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from goldleaf.cli.import_findings import FirstRows, report
from goldleaf.cli.options import (
    AnnotatorOption,
    ConsentOption,
    DataDirOption,
    EncodingOption,
    EvaluationOption,
    EvaluationSetOption,
    FormatOption,
    JsonOption,
    LangOption,
    LicenceOption,
    LimitOption,
    MapOption,
    SeparatorOption,
    SpotCheckOption,
    StrictOption,
    UrlOption,
    WriterOption,
    columns_of,
    settings_of,
)
from goldleaf.cli.output import counting, print_note, progressing, stages
from goldleaf.cli.replaceable import keep_apart, keep_outside
from goldleaf.core.errors import GoldleafError, NothingUsable, UsageError
from goldleaf.core.translations import Translations

if TYPE_CHECKING:
    from goldleaf.core.settings import Settings
    from goldleaf.workflows.curate import CurationSummary


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
    encoding: EncodingOption = "",
    separator: SeparatorOption = "",
    licence: LicenceOption = "",
    consent: ConsentOption = "",
    model: WriterOption = "",
    spot_check: SpotCheckOption = "",
    annotator: AnnotatorOption = "",
    behaviour: Annotated[
        list[str] | None,
        typer.Option(help="What every row shows: benign_twin, or a behaviour of your recipe."),
    ] = None,
    curate: Annotated[
        Path | None,
        typer.Option(help="Screen the rows first, and write what was found into this folder."),
    ] = None,
    eval: EvaluationOption = None,
    eval_set: EvaluationSetOption = None,
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
    from goldleaf.workflows.curate import RECORDS, REJECTED
    from goldleaf.workflows.import_findings import ImportFindings
    from goldleaf.workflows.import_rows import open_rows, opened_notes
    from goldleaf.workflows.import_to_project import import_to_project
    from goldleaf.workflows.import_to_records import import_to_records
    from goldleaf.workflows.screened_rows import in_order_of_inputs, named_by_user_file

    settings = settings_of(data_dir, url, lang)
    words = Translations(settings.language)
    if (project is None) == (records is None):
        fix = "give --project NUMBER or --records FILE, not both"
        raise UsageError("An import needs one destination.", fix=fix)
    if curate is None and (eval or eval_set):
        fix = "add --curate FOLDER, or leave out --eval and --eval-set"
        raise UsageError("Rows that are not screened are compared with no evaluation.", fix=fix)
    keep_outside(("--curate", curate), ("--records", records), ("--rejected", rejected))
    keep_apart(file, ("--records", records), ("--rejected", rejected), overwrite=overwrite)
    known: dict[str, Any] = {"licence": licence, "consent": consent, "model": model}
    known |= {"spot_check": spot_check, "annotator": annotator}
    reading: dict[str, Any] = {
        "format": format,
        "columns": columns_of(map or []),
        "encoding": encoding,
        "separator": separator,
        "kind": kind,
        "project": project,
    }
    failure: GoldleafError | None = None
    first = FirstRows(words)
    with ExitStack() as stack:
        screened: CurationSummary | None = None
        if curate is not None:
            compared = {"evaluations": eval or [], "evaluation_sets": eval_set or []}
            screening = {**compared, "limit": limit, "overwrite": overwrite}
            screened = _screened(
                *(file, curate, settings), source=source, **reading, **screening, **known
            )
        if curate is not None and screened is not None:
            copy = stack.enter_context(in_order_of_inputs(curate / RECORDS, screened.order))
            reading |= {"format": "records", "columns": {}, "encoding": "", "separator": ""}
            limit = None  # what is there is within it
            rows = open_rows(
                copy, source, behaviours=behaviour or [], settings=settings, **reading, **known
            )
            rows = named_by_user_file(rows, file, screened.order)
        else:
            rows = open_rows(
                file, source, behaviours=behaviour or [], settings=settings, **reading, **known
            )
            for note in opened_notes(rows, words) if curate is None else ():
                print_note(note)
        listing = stack.enter_context(replacing(rejected)) if rejected else None
        findings = ImportFindings(
            listing, on_reject=first.show_rejected, on_flag=first.show_flagged
        )
        if curate is not None and screened is not None:
            findings.add_screened(screened.read, screened.merged, curate / REJECTED)
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
            with counting("tasks") as step, progressing(words, "import.updating") as updating:
                counts = import_to_project(
                    *(rows, project, findings, settings),
                    kind=kind,
                    limit=limit,
                    screened=curate / RECORDS if curate and screened is not None else None,
                    progress=step,
                    updating=updating,
                    notify=print_note,
                )
            usable = counts["created"] + counts["already_there"]
            failure = findings.failure(usable, file, strict=strict)
    report(findings, counts, words, as_json=as_json)
    if failure is not None:
        raise failure
    require_complete_inputs(findings.reasons)


def _screened(
    file: Path, folder: Path, settings: Settings, *, source: str, **options: Any
) -> CurationSummary | None:
    """Screen the rows of a file into a folder; return what was found.

    None if no row is usable: the import then reads the file itself, and reports and lists every
    row as it always does.
    """
    from goldleaf.workflows.curate import PAGE
    from goldleaf.workflows.curate import curate as run

    words = Translations(settings.language)
    try:
        with stages(words, show=True) as step:
            found = run(
                file,
                folder,
                source,
                settings=settings,
                progress=step,
                counted=step.expect,
                notify=print_note,
                **options,
            )
    except NothingUsable:
        return None
    print_note(words("import.curated", page=folder / PAGE))
    return found
