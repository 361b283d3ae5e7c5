"""`goldleaf doctor`: what is wrong with a Label Studio, a project and its backend, and the mend."""

from __future__ import annotations

from typing import Annotated

import typer

from goldleaf.cli.connection import open_studio, settings_of
from goldleaf.cli.options import DataDirOption, JsonOption, UrlOption
from goldleaf.cli.output import say, say_json, table


def doctor(
    project: Annotated[int | None, typer.Option("--project", "-p", help="Look at it too.")] = None,
    backend: Annotated[str | None, typer.Option(help="The backend's address.")] = None,
    url: UrlOption = None,
    data_dir: DataDirOption = None,
    as_json: JsonOption = False,
) -> None:
    """Name what is wrong, and the mend.

    Looks at Label Studio, its network rules, and one project with its backend.
    """
    from goldleaf.studio.checks import run_checks

    with open_studio(settings_of(data_dir, url)) as studio:
        checks = run_checks(studio, project, backend)
    if as_json:
        say_json([{"name": c.name, "ok": c.ok, "found": c.found, "fix": c.fix} for c in checks])
    else:
        say(table([("ok" if check.ok else "FAULT", check.name, check.found) for check in checks]))
        for check in checks:
            if not check.ok:
                say(f"\n{check.name}: {check.fix}")
    if not checks[0].ok:
        raise typer.Exit(5)
    if not all(check.ok for check in checks):
        raise typer.Exit(1)
