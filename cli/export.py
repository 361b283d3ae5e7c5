"""`goldleaf export`: annotated projects and record files into files a trainer loads."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from goldleaf.cli.options import (
    DataDirOption,
    JsonOption,
    LangOption,
    ReadingOption,
    SourcesArgument,
    StrictOption,
    UrlOption,
    settings_of,
)
from goldleaf.cli.output import print_json, print_note, print_result, sections_text, stages
from goldleaf.cli.recipes import ModelOption, RecipeOption, chosen
from goldleaf.core.allocator import return_freed_memory
from goldleaf.core.errors import RejectedRows

if TYPE_CHECKING:
    from goldleaf.core.translations import Translations
    from goldleaf.exporters.report.export_summary import Outcome


def export(
    sources: SourcesArgument,
    out: Annotated[Path, typer.Option(help="The folder to write.")],
    recipe: RecipeOption = None,
    model: ModelOption = None,
    format: Annotated[
        list[str] | None,
        typer.Option(help="Format of the files, such as trl or openai; can be repeated."),
    ] = None,
    reading: ReadingOption = None,
    gold: Annotated[
        bool, typer.Option("--gold", help="Export the answers to gold questions, too.")
    ] = False,
    lang: LangOption = None,
    strict: StrictOption = False,
    overwrite: Annotated[
        bool, typer.Option(help="Replace an export even if files in it were changed or added.")
    ] = False,
    url: UrlOption = None,
    data_dir: DataDirOption = None,
    as_json: JsonOption = False,
) -> None:
    """Export answers to files that trainers load.

    Every answer is accounted for; the same answers always give the same bytes.
    """
    return_freed_memory()
    from goldleaf.core.input_results import require_complete_inputs
    from goldleaf.core.translations import Translations
    from goldleaf.workflows.export import export as run

    settings = settings_of(data_dir, url, lang)
    words = Translations(settings.language)
    wanted = chosen(recipe, model, words)
    words = wanted.translations(settings.language)
    with stages(words, show=not as_json) as step:
        outcome = run(
            sources,
            out,
            wanted,
            formats=format or ["trl"],
            overwrite=overwrite,
            settings=settings,
            reading=reading,
            gold=gold,
            progress=step,
            notify=print_note,
        )
    if as_json:
        print_json(outcome.plain())
    else:
        print_result(summary(outcome, words))
    require_complete_inputs(outcome.reasons["rejected"])
    if strict and outcome.answers["rejected"]:
        raise RejectedRows(
            f"{outcome.answers['rejected']} answers were rejected.",
            where=str(out / "manifest.json"),
        )


def summary(outcome: Outcome, words: Translations) -> str:
    """Return the outcome of an export as the text that `goldleaf export` prints."""
    return sections_text(outcome.sections(words))
