"""`goldleaf project`: make projects, list them, invite people, see how far they are."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from goldleaf.cli.help_page import Command, Group
from goldleaf.cli.options import DataDirOption, JsonOption, LangOption, UrlOption, settings_of
from goldleaf.cli.output import counting, print_hint, print_json, print_result, table
from goldleaf.core.error_translation import translate_error
from goldleaf.core.errors import UsageError
from goldleaf.core.translations import Translations

if TYPE_CHECKING:
    from goldleaf.workflows.projects import NewProject

project = typer.Typer(
    cls=Group,
    no_args_is_help=True,
    rich_markup_mode=None,
    help="Make, list and watch projects; invite people.",
)
NumberArgument = Annotated[int, typer.Argument(help="The project's number.")]
SHARE = typer.Option(help="Of the tasks that so many people answer, such as 0.2; else one does.")
SEED = typer.Option(min=0, help="Draws the tasks of that share.")
ADAPTIVE = typer.Option(min=0, help="Where answers disagree, ask up to so many people.")


@project.command("new", cls=Command)
def new(
    kind: Annotated[str, typer.Argument(help="Its kind; goldleaf kinds lists them.")],
    title: Annotated[str, typer.Option(help="What it is called (3 to 50 characters).")] = "",
    overlap: Annotated[int, typer.Option(min=1, help="How many people answer each task.")] = 1,
    share: Annotated[float, SHARE] = 1.0,
    seed: Annotated[int, SEED] = 0,
    adaptive: Annotated[int, ADAPTIVE] = 0,
    backend: Annotated[
        str, typer.Option(help="Link the backend at this address; none: link none.")
    ] = "",
    lang: LangOption = None,
    url: UrlOption = None,
    data_dir: DataDirOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make a project of a kind and link the running backend.

    That is the backend of the data directory, or the one that --backend names.
    Where --backend cannot be linked no project is made.
    """
    from goldleaf.workflows.projects import create_project

    settings = settings_of(data_dir, url, lang)
    words = Translations(settings.language)
    made = create_project(
        kind,
        title=title,
        overlap=overlap,
        share=share,
        seed=seed,
        adaptive=adaptive,
        backend=backend,
        settings=settings,
    )
    link = made.link
    if as_json:
        linked = link.url if link else None
        return print_json(
            {"project": made.number, "kind": made.kind, "url": made.url, "backend": linked}
        )
    print_result(words("project.made", project=made.number, url=made.url))
    if link:
        print_result(words("project.linked", url=link.url, version=link.model_version))
    elif made.unlinked:
        print_hint(words("project.not_linked", problem=_problem(made, words)))
    print_hint(words("project.rows", project=made.number))


def _problem(made: NewProject, words: Translations) -> str:
    """Return why no backend is linked, and how to link one."""
    if made.error is None:
        return words(f"project.{made.unlinked}", project=made.number)
    return f"{made.error.shown(words.lang)}\n  {words('project.later', project=made.number)}"


@project.command("attach", cls=Command)
def attach(
    number: NumberArgument,
    backend: Annotated[
        str, typer.Argument(help="Its address; the data directory's backend by default.")
    ] = "",
    lang: LangOption = None,
    url: UrlOption = None,
    data_dir: DataDirOption = None,
) -> None:
    """Link a backend and its webhook to a project, and test both.

    What was attached under earlier addresses of the same backend is replaced.
    """
    from goldleaf.workflows.projects import attach_backend

    settings = settings_of(data_dir, url, lang)
    address = attach_backend(number, backend, settings)
    print_result(Translations(settings.language)("project.attached", project=number, url=address))


@project.command("tabs", cls=Command)
def tabs(
    number: NumberArgument,
    lang: LangOption = None,
    url: UrlOption = None,
    data_dir: DataDirOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make the tabs of a data manager; list disagreements anew.

    Tasks that lack the plain columns of the table get them. What a lead changed stays.
    """
    from dataclasses import asdict

    from goldleaf.workflows.project_tabs import update_tabs

    settings = settings_of(data_dir, url, lang)
    words = Translations(settings.language)
    with counting(words("import.tasks")) as step:
        done = update_tabs(number, settings, progress=step)
    if as_json:
        return print_json(asdict(done))
    print_result(words("tab.made", tabs=words.listed(done.made) or "0"))
    print_result(words("tab.filled", count=done.filled))
    print_result(words("tab.differ", count=done.disagreements))
    if done.unreadable:
        print_hint(words("tab.unreadable", count=done.unreadable))


@project.command("detach", cls=Command)
def detach(
    number: NumberArgument,
    backend: Annotated[str, typer.Argument(help="The backend's address.")],
    lang: LangOption = None,
    url: UrlOption = None,
    data_dir: DataDirOption = None,
) -> None:
    """Remove a backend and its webhook; the drafts stay."""
    from goldleaf.workflows.projects import detach_backend

    settings = settings_of(data_dir, url, lang)
    detach_backend(number, backend, settings)
    print_result(Translations(settings.language)("project.detached", project=number, url=backend))


@project.command("list", cls=Command)
def list_all(
    lang: LangOption = None,
    url: UrlOption = None,
    data_dir: DataDirOption = None,
    as_json: JsonOption = False,
) -> None:
    """List the projects.

    A project that is not of goldleaf has a dash for its kind.
    """
    from goldleaf.workflows.projects import list_projects

    settings = settings_of(data_dir, url, lang)
    words = Translations(settings.language)
    rows = [(p.number, p.kind or "-", p.title) for p in list_projects(settings)]
    fields = ("project", "kind", "title")
    if as_json:
        print_json([dict(zip(fields, row, strict=True)) for row in rows])
    else:
        heads = [words(f"project.{name}") for name in ("number", "kind", "title")]
        print_result(table([heads, *rows]) if rows else words("project.empty"))


@project.command("map", cls=Command)
def map_to_reading(
    source: Annotated[str, typer.Argument(help="A project's number, or a JSON export.")],
    out: Annotated[
        Path | None, typer.Option(help="The file to write, such as reading.yaml.")
    ] = None,
    overwrite: Annotated[bool, typer.Option(help="Replace the file if it exists.")] = False,
    lang: LangOption = None,
    url: UrlOption = None,
    data_dir: DataDirOption = None,
) -> None:
    """Propose how to read a project that goldleaf did not make.

    Three answers are shown as they would be read. Correct the file, and export with --reading.
    """
    from goldleaf.cli.read_answers import answer_text
    from goldleaf.core.files import write_atomically
    from goldleaf.workflows.map_project import map_project

    if out and out.exists() and not overwrite:
        raise UsageError(
            "This file exists.", where=str(out), fix="name another, or add --overwrite"
        )
    settings = settings_of(data_dir, url, lang)
    words = Translations(settings.language)
    found = map_project(source, settings)
    if found.known_as:
        print_hint(words("map.known", name=found.known_as))
    if found.problem:
        problem = translate_error(found.problem, words.lang)
        print_hint(words("map.incomplete", problem=problem))
    if not out:
        print_result(found.yaml)
    for answer in found.answers:
        print_result(answer_text(answer, words))
    if not found.answers and not found.problem:
        print_hint(words("map.no_answers"))
    if out:
        write_atomically(out, found.yaml.encode())
        print_hint(words("map.written", file=out, source=source))


@project.command("invite", cls=Command)
def invite(lang: LangOption = None, url: UrlOption = None, data_dir: DataDirOption = None) -> None:
    """Print the address where a colleague makes an account.

    Everyone who has the address can join.
    """
    from goldleaf.workflows.projects import invitation_url

    print_result(invitation_url(settings_of(data_dir, url, lang)))


@project.command("progress", cls=Command)
def progress(
    number: NumberArgument,
    lang: LangOption = None,
    url: UrlOption = None,
    data_dir: DataDirOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show how far a project is, and who did how much."""
    from dataclasses import asdict

    from goldleaf.workflows.projects import project_progress

    settings = settings_of(data_dir, url, lang)
    words = Translations(settings.language)
    found = project_progress(number, settings)
    if as_json:
        return print_json(asdict(found))
    counts = {"finished": found.finished, "tasks": found.tasks, "drafted": found.drafted}
    print_result(words("project.finished", **counts))
    if found.annotators:
        people = [(a.account, a.submitted, a.skipped, a.last[:16]) for a in found.annotators]
        heads = [words(f"project.{n}") for n in ("annotator", "submitted", "skipped", "last")]
        print_result(table([heads, *people]))
