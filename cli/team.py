"""`goldleaf team`: who did what, how well a team agrees, and whom to talk to."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from goldleaf.cli.options import DataDirOption, JsonOption, LangOption, UrlOption, settings_of
from goldleaf.cli.output import print_json, print_note, print_result, sections_text
from goldleaf.cli.replaceable import check_page
from goldleaf.core.errors import UsageError
from goldleaf.core.translations import Translations


def team(
    projects: Annotated[
        list[str] | None,
        typer.Argument(
            help="Projects by number (3 or project:3); by default all but adjudicators'."
        ),
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Write the page into this file.")] = None,
    names: Annotated[
        bool, typer.Option("--names", help="Show accounts instead of pseudonyms.")
    ] = False,
    overwrite: Annotated[
        bool, typer.Option(help="Replace the file of the page whatever it holds.")
    ] = False,
    lang: LangOption = None,
    url: UrlOption = None,
    data_dir: DataDirOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show how a team works, and whom to talk to.

    Annotators are shown by pseudonyms unless --names is given.
    """
    from goldleaf.workflows.team import team as run

    numbers = [_number(project) for project in projects or ()]
    if out is not None:
        check_page(out, "team", overwrite=overwrite)
    settings = settings_of(data_dir, url, lang)
    words = Translations(settings.language)
    found = run(numbers, settings=settings, notify=print_note)
    if out is not None:
        from goldleaf.core.files import write_atomically

        write_atomically(out, found.page(words.lang, names=names).encode())
        print_note(words("team.written", path=out))
    if as_json:
        print_json(found.plain(names=names))
    elif out is None:
        print_result(sections_text(found.sections(words, names=names)))


def _number(project: str) -> int:
    number = project.removeprefix("project:")
    if not number.isdigit():
        raise UsageError(f"{project!r} is not a project.", fix="write its number, such as 3")
    return int(number)
