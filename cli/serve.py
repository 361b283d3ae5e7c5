"""`goldleaf serve`: the ML backend alone, for a Label Studio that runs elsewhere."""

from __future__ import annotations

from typing import Annotated

import typer

from goldleaf.cli.connection import settings_of
from goldleaf.cli.options import DataDirOption
from goldleaf.cli.output import note


def serve(
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="The port; 0 takes a free one.")] = 9090,
    predictor: Annotated[str, typer.Option(help="Who drafts.")] = "rules",
    data_dir: DataDirOption = None,
) -> None:
    """Serve drafts to a Label Studio elsewhere.

    Beyond this machine only with GOLDLEAF_BACKEND_USER and GOLDLEAF_BACKEND_PASSWORD.
    """
    from goldleaf.backend.credentials import Credentials
    from goldleaf.backend.server import serve as run

    settings = settings_of(data_dir)
    run(
        host,
        port,
        events=settings.state.create().events,
        predictor=predictor,
        credentials=Credentials(
            settings.backend_user, settings.backend_password, settings.webhook_secret
        ),
        announce=lambda url: note(f"goldleaf answers at {url} (Ctrl-C ends it)"),
    )
