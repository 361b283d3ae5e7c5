"""`goldleaf project`: make projects, list them, invite people, see how far they are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from goldleaf.cli.help_page import Command, Group
from goldleaf.cli.options import DataDirOption, JsonOption, LangOption, UrlOption, settings_of
from goldleaf.cli.output import hint, say, say_json, table
from goldleaf.core.errors import BadRow, GoldleafError, UsageError
from goldleaf.core.translations import Translations
from goldleaf.workflows.label_studio_connection import backend_at, local_backend, open_studio

if TYPE_CHECKING:
    from goldleaf.core.settings import Settings
    from goldleaf.studio.backend_link import Link
    from goldleaf.studio.client import Studio
    from goldleaf.studio.local_backend import KnownBackend

project = typer.Typer(
    cls=Group,
    no_args_is_help=True,
    rich_markup_mode=None,
    help="Make, list and watch projects; invite people.",
)
NumberArgument = Annotated[int, typer.Argument(help="The project's number.")]


@project.command("new", cls=Command)
def new(
    kind: Annotated[str, typer.Argument(help="Its kind; goldleaf kinds lists them.")],
    title: Annotated[str, typer.Option(help="What it is called (3 to 50 characters).")] = "",
    overlap: Annotated[int, typer.Option(min=1, help="How many people answer each task.")] = 1,
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
    from goldleaf.label_configs.registry import kind_named
    from goldleaf.studio.projects import create_project

    settings = settings_of(data_dir, url, lang)
    words = Translations(settings.language)
    chosen = kind_named(kind)
    with open_studio(settings) as studio:
        studio.require_supported()
        made = create_project(studio, chosen, title=title, lang=settings.language, overlap=overlap)
        address = f"{studio.url}/projects/{made}/data"
        link, problem = None, ""
        try:
            if backend and backend != "none":
                link = _attach(studio, made, backend_at(settings, backend))
            elif not backend:
                link, problem = _link_by_itself(studio, made, settings, words)
        except BaseException:
            studio.delete(f"/api/projects/{made}/")
            raise
    if as_json:
        linked = link.url if link else None
        return say_json({"project": made, "kind": chosen.id, "url": address, "backend": linked})
    say(words("project.made", project=made, url=address))
    if link:
        say(words("project.linked", url=link.url, version=link.model_version))
    elif problem:
        hint(words("project.not_linked", problem=problem))
    hint(words("project.rows", project=made))


def _link_by_itself(
    studio: Studio, project_id: int, settings: Settings, words: Translations
) -> tuple[Link | None, str]:
    """Link the data directory's backend; return the link, or what kept it from being made.

    A backend that cannot be linked is no reason to lose the project: people can work in it, and
    `project attach` links it later.
    """
    from goldleaf.studio.local_backend import running_backend
    from goldleaf.studio.ports import on_this_machine

    backend = running_backend(settings.state)
    if backend is None:
        return None, words("project.none_runs", project=project_id)
    if not on_this_machine(studio.url):
        return None, words("project.elsewhere", project=project_id)
    try:
        return _attach(studio, project_id, backend), ""
    except GoldleafError as error:
        return None, f"{error.shown(words.lang)}\n  {words('project.later', project=project_id)}"


def _attach(studio: Studio, project_id: int, backend: KnownBackend) -> Link:
    from goldleaf.studio.backend_link import connect_known

    return connect_known(studio, project_id, backend)


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
    settings = settings_of(data_dir, url, lang)
    with open_studio(settings) as studio:
        chosen = backend_at(settings, backend) if backend else local_backend(settings)
        _attach(studio, number, chosen)
    say(Translations(settings.language)("project.attached", project=number, url=chosen.url))


@project.command("detach", cls=Command)
def detach(
    number: NumberArgument,
    backend: Annotated[str, typer.Argument(help="The backend's address.")],
    lang: LangOption = None,
    url: UrlOption = None,
    data_dir: DataDirOption = None,
) -> None:
    """Remove a backend and its webhook; the drafts stay."""
    from goldleaf.studio.backend_link import disconnect_backend

    settings = settings_of(data_dir, url, lang)
    with open_studio(settings) as studio:
        gone = disconnect_backend(studio, number, backend)
    if not gone:
        fix = "see goldleaf doctor for what is attached"
        raise UsageError(f"Project {number} has no such backend.", where=backend, fix=fix)
    say(Translations(settings.language)("project.detached", project=number, url=backend))


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
    from goldleaf.label_configs.registry import recognise
    from goldleaf.studio.projects import list_projects

    settings = settings_of(data_dir, url, lang)
    words = Translations(settings.language)
    rows: list[tuple[object, ...]] = []
    with open_studio(settings) as studio:
        for found in list_projects(studio):
            try:
                ours = recognise(found["label_config"])
            except BadRow:
                ours = None
            rows.append((found["id"], ours.id if ours else "-", found["title"]))
    fields = ("project", "kind", "title")
    if as_json:
        say_json([dict(zip(fields, row, strict=True)) for row in rows])
    else:
        heads = [words(f"project.{name}") for name in ("number", "kind", "title")]
        say(table([heads, *rows]) if rows else words("project.empty"))


@project.command("invite", cls=Command)
def invite(lang: LangOption = None, url: UrlOption = None, data_dir: DataDirOption = None) -> None:
    """Print the address where a colleague makes an account.

    Everyone who has the address can join.
    """
    from goldleaf.studio.accounts import invitation

    with open_studio(settings_of(data_dir, url, lang)) as studio:
        say(invitation(studio))


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

    from goldleaf.studio.project_progress import progress_of

    settings = settings_of(data_dir, url, lang)
    words = Translations(settings.language)
    with open_studio(settings) as studio:
        found = progress_of(studio, number)
    if as_json:
        return say_json(asdict(found))
    counts = {"finished": found.finished, "tasks": found.tasks, "drafted": found.drafted}
    say(words("project.finished", **counts))
    if found.annotators:
        people = [(a.account, a.submitted, a.skipped, a.last[:16]) for a in found.annotators]
        heads = [words(f"project.{n}") for n in ("annotator", "submitted", "skipped", "last")]
        say(table([heads, *people]))
