"""`goldleaf plan`: what an export would hold, and which targets it would miss."""

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
from goldleaf.cli.replaceable import check_replaceable, is_chart
from goldleaf.core.allocator import return_freed_memory
from goldleaf.core.errors import NothingUsable, RejectedRows, UsageError

if TYPE_CHECKING:
    from goldleaf.core.translations import Translations
    from goldleaf.exporters.dry_run import DryRun


def plan(
    sources: SourcesArgument,
    recipe: RecipeOption = None,
    model: ModelOption = None,
    chart: Annotated[
        Path | None, typer.Option(help="Draw the mix of behaviours into this SVG file.")
    ] = None,
    format: Annotated[
        list[str] | None, typer.Option(help="As in export: some formats refuse what others take.")
    ] = None,
    reading: ReadingOption = None,
    lang: LangOption = None,
    strict: StrictOption = False,
    overwrite: Annotated[
        bool, typer.Option(help="Replace the file of the chart whatever it holds.")
    ] = False,
    url: UrlOption = None,
    data_dir: DataDirOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show what an export would hold now, and what is missing.

    Nothing is written but the chart.
    """
    return_freed_memory()
    from goldleaf.core.input_results import fix_without_rows, require_complete_inputs
    from goldleaf.core.translations import Translations
    from goldleaf.workflows.export import plan as run

    if chart is not None and chart.suffix != ".svg":
        raise UsageError("The chart is an SVG.", where=str(chart), fix="name it something.svg")
    if chart is not None:
        if not chart.parent.is_dir():
            fix = "make it, or name another place with --chart"
            raise UsageError("No such file or folder.", where=str(chart.parent), fix=fix)
        check_replaceable(chart, is_chart, "--chart", overwrite=overwrite)
    settings = settings_of(data_dir, url, lang)
    words = Translations(settings.language)
    wanted = chosen(recipe, model, words)
    words = wanted.translations(settings.language)
    with stages(words, show=not as_json) as step:
        found = run(
            sources,
            wanted,
            formats=format or ["trl"],
            settings=settings,
            reading=reading,
            progress=step,
            notify=print_note,
        )
    if chart is not None:
        _write(chart, found.mix_chart(words))
    if as_json:
        print_json(found.plain())
    else:
        print_result(summary(found, words))
    if not found.rows:
        raise NothingUsable(
            f"None of {found.read} inputs would become a row.",
            fix=fix_without_rows(found.read, found.rejected)
            or "see the reasons above; goldleaf export writes a ledger of every input",
        )
    require_complete_inputs(found.rejected)
    if strict and found.rejected:
        raise RejectedRows(f"{sum(found.rejected.values())} answers are rejected.")


def _write(path: Path, svg: str) -> None:
    from goldleaf.core.files import write_atomically

    write_atomically(path, svg.encode())
    print_note(str(path))


def summary(found: DryRun, words: Translations) -> str:
    """Return a dry run as the text that `goldleaf plan` prints."""
    return sections_text(found.sections(words))
