"""`goldleaf up`: a workshop for people, until Ctrl-C."""

from __future__ import annotations

from typing import Annotated

import typer

from goldleaf.cli.connection import settings_of
from goldleaf.cli.options import DataDirOption, LangOption
from goldleaf.cli.output import say


def up(
    port: Annotated[int | None, typer.Option(help="Label Studio's port.")] = None,
    backend_port: Annotated[int | None, typer.Option(help="The backend's port.")] = None,
    sample: Annotated[
        bool, typer.Option("--sample", help="Put sample tasks with drafts into every project.")
    ] = False,
    lang: LangOption = None,
    data_dir: DataDirOption = None,
) -> None:
    """Run Label Studio and the backend until Ctrl-C.

    Every kind has a project; the next run goes on where this one stopped.
    """
    from goldleaf.cli import prelabel
    from goldleaf.cli.station import running
    from goldleaf.label_configs.catalogue import kinds

    settings = settings_of(data_dir, lang=lang)
    with running(settings.state, port=port, backend_port=backend_port) as station:
        studio = station.studio
        say(f"Label Studio: {studio.url}")
        say(f"  log in as {studio.email} with {studio.password}")
        for kind in kinds().values():
            number = station.project_of(kind.name, settings.language)
            station.attach(number)
            if sample:
                station.import_samples(kind, number, settings.state.path / "samples")
                prelabel.run(studio.studio, number, settings.state.models)
            say(f"  {kind.name}: {studio.url}/projects/{number}/data")
            say(f"    your rows: goldleaf import FILE --project {number}")
        say("Ctrl-C ends it; the next goldleaf up goes on where this one stopped.")
        station.wait()
