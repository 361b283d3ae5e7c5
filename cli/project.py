"""`goldleaf project`: make a project of a kind, or list those there are."""

from __future__ import annotations

from typing import Annotated

import typer

from goldleaf.cli.connection import open_studio, settings_of
from goldleaf.cli.options import DataDirOption, JsonOption, LangOption, UrlOption
from goldleaf.cli.output import say, say_json, table


def project(
    kind: Annotated[
        str | None, typer.Argument(help="The kind of the new project; none lists the projects.")
    ] = None,
    title: Annotated[str, typer.Option(help="What it is called.")] = "",
    overlap: Annotated[int, typer.Option(min=1, help="How many people answer each task.")] = 1,
    backend: Annotated[str, typer.Option(help="Attach the backend at this address.")] = "",
    lang: LangOption = None,
    url: UrlOption = None,
    data_dir: DataDirOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make a Label Studio project of a kind: its screen, guide and settings; or list projects."""
    from goldleaf.label_configs.catalogue import kind_named, recognise
    from goldleaf.studio.projects import create_project, list_projects

    settings = settings_of(data_dir, url, lang)
    chosen = kind_named(kind) if kind else None
    with open_studio(settings) as studio:
        studio.require_supported()
        if chosen is None:
            rows = []
            for found in list_projects(studio):
                ours = recognise(found["label_config"])
                rows.append((found["id"], ours.id if ours else "-", found["title"]))
            fields = ("project", "kind", "title")
            if as_json:
                return say_json([dict(zip(fields, row, strict=True)) for row in rows])
            return say(table([fields, *rows]) if rows else "No project yet.")
        made = create_project(studio, chosen, title=title, lang=settings.language, overlap=overlap)
        if backend:
            from goldleaf.studio.backend_link import connect_backend

            connect_backend(
                studio,
                made,
                backend,
                user=settings.backend_user,
                password=settings.backend_password,
                webhook_secret=settings.webhook_secret,
            )
        address = f"{studio.url}/projects/{made}/data"
    if as_json:
        return say_json({"project": made, "kind": chosen.id, "url": address})
    say(f"Project {made}: {address}")
