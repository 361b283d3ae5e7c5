"""`goldleaf project`: make projects, list them, invite people, see how far they are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from goldleaf.cli.connection import open_studio, settings_of
from goldleaf.cli.options import DataDirOption, JsonOption, LangOption, UrlOption
from goldleaf.cli.output import say, say_json, table
from goldleaf.core.errors import UsageError

if TYPE_CHECKING:
    from goldleaf.core.settings import Settings
    from goldleaf.studio.client import Studio

project = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    help="Make, list and watch projects; invite people.",
)
NumberArgument = Annotated[int, typer.Argument(help="The project's number.")]


@project.command("new")
def new(
    kind: Annotated[str, typer.Argument(help="Its kind; goldleaf kinds lists them.")],
    title: Annotated[str, typer.Option(help="What it is called (3 to 50 characters).")] = "",
    overlap: Annotated[int, typer.Option(min=1, help="How many people answer each task.")] = 1,
    backend: Annotated[str, typer.Option(help="Attach the backend at this address.")] = "",
    lang: LangOption = None,
    url: UrlOption = None,
    data_dir: DataDirOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make a project of a kind: its screen, guide and settings."""
    from goldleaf.label_configs.catalogue import kind_named
    from goldleaf.studio.projects import create_project

    settings = settings_of(data_dir, url, lang)
    chosen = kind_named(kind)
    with open_studio(settings) as studio:
        studio.require_supported()
        made = create_project(studio, chosen, title=title, lang=settings.language, overlap=overlap)
        if backend:
            _attach(studio, made, backend, settings)
        address = f"{studio.url}/projects/{made}/data"
    if as_json:
        say_json({"project": made, "kind": chosen.id, "url": address})
    else:
        say(f"Project {made}: {address}")


def _attach(studio: Studio, project_id: int, backend: str, settings: Settings) -> None:
    from goldleaf.studio.backend_link import connect_backend

    connect_backend(
        studio,
        project_id,
        backend,
        user=settings.backend_user,
        password=settings.backend_password,
        webhook_secret=settings.webhook_secret,
    )


AddressArgument = Annotated[str, typer.Argument(help="The backend's address.")]


@project.command("attach")
def attach(
    number: NumberArgument,
    backend: AddressArgument,
    url: UrlOption = None,
    data_dir: DataDirOption = None,
) -> None:
    """Attach a backend and its webhook to a project, and prove that both work."""
    settings = settings_of(data_dir, url)
    with open_studio(settings) as studio:
        _attach(studio, number, backend, settings)
    say(f"Project {number}: {backend} is attached.")


@project.command("detach")
def detach(
    number: NumberArgument,
    backend: AddressArgument,
    url: UrlOption = None,
    data_dir: DataDirOption = None,
) -> None:
    """Take a backend and its webhook off a project; its drafts stay."""
    from goldleaf.studio.backend_link import disconnect_backend

    with open_studio(settings_of(data_dir, url)) as studio:
        gone = disconnect_backend(studio, number, backend)
    if not gone:
        fix = "see goldleaf doctor for what is attached"
        raise UsageError(f"Project {number} has no such backend.", where=backend, fix=fix)
    say(f"Project {number}: {backend} is detached.")


@project.command("list")
def list_all(
    url: UrlOption = None, data_dir: DataDirOption = None, as_json: JsonOption = False
) -> None:
    """List the projects; the kind of a project that is not ours is a dash."""
    from goldleaf.label_configs.catalogue import recognise
    from goldleaf.studio.projects import list_projects

    rows: list[tuple[object, ...]] = []
    with open_studio(settings_of(data_dir, url)) as studio:
        for found in list_projects(studio):
            ours = recognise(found["label_config"])
            rows.append((found["id"], ours.id if ours else "-", found["title"]))
    fields = ("project", "kind", "title")
    if as_json:
        say_json([dict(zip(fields, row, strict=True)) for row in rows])
    else:
        say(table([fields, *rows]) if rows else "No project yet.")


@project.command("invite")
def invite(url: UrlOption = None, data_dir: DataDirOption = None) -> None:
    """Print the address at which a colleague makes an account; whoever has it may join."""
    from goldleaf.studio.accounts import invitation

    with open_studio(settings_of(data_dir, url)) as studio:
        say(invitation(studio))


@project.command("progress")
def progress(
    number: NumberArgument,
    url: UrlOption = None,
    data_dir: DataDirOption = None,
    as_json: JsonOption = False,
) -> None:
    """Tell how far a project is, and who did how much."""
    from dataclasses import asdict

    from goldleaf.studio.progress import progress_of

    with open_studio(settings_of(data_dir, url)) as studio:
        found = progress_of(studio, number)
    if as_json:
        return say_json(asdict(found))
    say(f"{found.finished} of {found.tasks} tasks finished, {found.drafted} with a draft")
    if found.annotators:
        people = [(a.account, a.submitted, a.skipped, a.last[:16]) for a in found.annotators]
        say(table([("annotator", "submitted", "skipped", "last"), *people]))
