"""`goldleaf curate`: what is wrong with records or a set, as verdicts, columns and a page."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

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
    MapOption,
    SeparatorOption,
    SpotCheckOption,
    StrictOption,
    UrlOption,
    WriterOption,
    columns_of,
    settings_of,
)
from goldleaf.cli.output import print_json, print_note, print_result, sections_text, stages
from goldleaf.core.errors import RejectedRows


def curate(
    sources: Annotated[
        list[str],
        typer.Argument(help="project:NUMBER, records.jsonl, or any file of rows that is imported."),
    ],
    out: Annotated[Path, typer.Option(help="The folder to write.")],
    profile: Annotated[
        str,
        typer.Option(
            help="Screens and actions: a source such as online_log or self_instruct, or a .toml.",
            show_default="by the source of each record",
        ),
    ] = "",
    eval: EvaluationOption = None,
    eval_set: EvaluationSetOption = None,
    format: FormatOption = None,
    map: MapOption = None,
    encoding: EncodingOption = "",
    separator: SeparatorOption = "",
    licence: LicenceOption = "",
    consent: ConsentOption = "",
    model: WriterOption = "",
    spot_check: SpotCheckOption = "",
    annotator: AnnotatorOption = "",
    strict: StrictOption = False,
    overwrite: Annotated[
        bool, typer.Option(help="Replace the folder even if files in it were changed.")
    ] = False,
    dask_scheduler: Annotated[
        str | None,
        typer.Option(
            metavar="ADDRESS",
            help="Compare records on this Dask cluster, such as tcp://HOST:8786.",
            show_default="on this machine",
        ),
    ] = None,
    processes: Annotated[
        int | None,
        typer.Option(
            min=1,
            help="Processes that screen records.",
            show_default="one a core, 4 at most",
        ),
    ] = None,
    lang: LangOption = None,
    url: UrlOption = None,
    data_dir: DataDirOption = None,
    as_json: JsonOption = False,
) -> None:
    """Find duplicates, flaws, leaks and personal data.

    Nothing is dropped: a recipe says what an export does with each verdict. Run again after an
    interruption, it goes on where it was.
    """
    from goldleaf.core.input_results import require_complete_inputs
    from goldleaf.core.translations import Translations
    from goldleaf.workflows.curate import curate as run

    settings = settings_of(data_dir, url, lang)
    words = Translations(settings.language)
    with stages(words, show=not as_json) as step:
        found = run(
            list(sources),
            out,
            profile,
            evaluations=eval or [],
            evaluation_sets=eval_set or [],
            format=format,
            columns=columns_of(map or []),
            encoding=encoding,
            separator=separator,
            lang=settings.language,
            overwrite=overwrite,
            dask_scheduler=dask_scheduler,
            processes=processes,
            settings=settings,
            progress=step,
            counted=step.expect,
            notify=print_note,
            licence=licence,
            consent=consent,
            model=model,
            spot_check=spot_check,
            annotator=annotator,
        )
    if as_json:
        print_json(found.plain())
    else:
        print_result(sections_text(found.sections(words)))
    require_complete_inputs(found.rejected)
    if strict and found.rejected:
        raise RejectedRows(f"{sum(found.rejected.values())} inputs are rejected.")
