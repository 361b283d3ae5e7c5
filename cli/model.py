"""`goldleaf model`: versions that the backend learned, back to an earlier one, what drafts did."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from goldleaf.cli.help_page import Command, Group
from goldleaf.cli.options import DataDirOption, JsonOption, LangOption, UrlOption, settings_of
from goldleaf.cli.output import print_json, print_note, print_result, sections_text, table
from goldleaf.cli.replaceable import check_page
from goldleaf.core.files import write_atomically
from goldleaf.core.translations import Translations

if TYPE_CHECKING:
    from goldleaf.workflows.models import LearnedVersion

model = typer.Typer(
    cls=Group,
    no_args_is_help=True,
    rich_markup_mode=None,
    help="Learned models: versions, and how their drafts did.",
)
ProjectArgument = Annotated[int, typer.Argument(help="The project's number.")]


@model.command("list", cls=Command)
def list_(
    project: Annotated[
        int | None, typer.Argument(help="The project's number; all projects by default.")
    ] = None,
    lang: LangOption = None,
    data_dir: DataDirOption = None,
    as_json: JsonOption = False,
) -> None:
    """List the versions that are kept; the served one has a star."""
    from goldleaf.workflows.models import list_models

    settings = settings_of(data_dir, None, lang)
    words = Translations(settings.language)
    found = list_models(project, settings=settings)
    if as_json:
        return print_json([_plain(each) for each in found])
    rows = [
        (
            str(each.project),
            f"{each.version}{' *' if each.served else ''}",
            words("model.learned_from", count=each.learned_from),
        )
        for each in found
    ]
    print_result(table(rows))


@model.command("show", cls=Command)
def show(
    project: ProjectArgument,
    version: Annotated[str, typer.Argument(help="Which; the served one by default.")] = "",
    lang: LangOption = None,
    data_dir: DataDirOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show what a version drafts, and how it did on answers that it had not seen."""
    from goldleaf.workflows.models import show_model

    settings = settings_of(data_dir, None, lang)
    words = Translations(settings.language)
    found = show_model(project, version, settings=settings)
    if as_json:
        return print_json(_plain(found))
    print_result(f"{found.version}{' *' if found.served else ''}")
    print_result(words("model.learned_from", count=found.learned_from))
    head = [words(f"model.{name}") for name in ("control", "choice", "rows", "drafted", "right")]
    rows = [
        (control, choice, str(each["rows"]), str(each["of"]), str(each["right"]))
        for control, choices in found.controls.items()
        for choice, each in choices.items()
    ]
    print_result(table([tuple(head), *rows]))


@model.command("rollback", cls=Command)
def rollback(
    project: ProjectArgument,
    version: Annotated[
        str, typer.Argument(help="Which; the one before the served one by default.")
    ] = "",
    lang: LangOption = None,
    data_dir: DataDirOption = None,
) -> None:
    """Serve an earlier version again, until there are new answers to learn from."""
    from goldleaf.workflows.models import roll_back

    settings = settings_of(data_dir, None, lang)
    served = roll_back(project, version, settings=settings)
    print_result(Translations(settings.language)("model.rolled_back", version=served))


@model.command("report", cls=Command)
def report(
    project: ProjectArgument,
    out: Annotated[Path | None, typer.Option(help="Write the page into this file.")] = None,
    overwrite: Annotated[
        bool, typer.Option(help="Replace the file of the page whatever it holds.")
    ] = False,
    lang: LangOption = None,
    url: UrlOption = None,
    data_dir: DataDirOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show what became of a project's drafts: accepted, edited, overruled, minutes saved."""
    from goldleaf.workflows.models import report_drafts

    if out is not None:
        check_page(out, "drafts", overwrite=overwrite)
    settings = settings_of(data_dir, url, lang)
    words = Translations(settings.language)
    found = report_drafts(project, settings=settings)
    if out is not None:
        write_atomically(out, found.page(words.lang).encode())
        print_note(words("model.page", path=out))
    if as_json:
        print_json(found.plain())
    elif out is None:
        print_result(sections_text(found.sections(words)))


def _plain(found: LearnedVersion) -> dict[str, Any]:
    return {
        "project": found.project,
        "version": found.version,
        "served": found.served,
        "learned_from": found.learned_from,
        "controls": found.controls,
    }
