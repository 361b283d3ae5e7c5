"""`goldleaf serve`: the ML backend alone, for a Label Studio that runs elsewhere."""

from __future__ import annotations

from functools import partial
from typing import Annotated

import typer

from goldleaf.cli.options import DataDirOption, LangOption, UrlOption, settings_of
from goldleaf.cli.output import note
from goldleaf.core.errors import UsageError
from goldleaf.workflows.label_studio_connection import open_studio


def serve(
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="The port; 0 takes a free one.")] = 9090,
    predictor: Annotated[
        str, typer.Option(help="The predictor: auto, rules, classifier, or one of another package.")
    ] = "auto",
    lang: LangOption = None,
    url: UrlOption = None,
    data_dir: DataDirOption = None,
) -> None:
    """Serve drafts to a Label Studio that runs elsewhere.

    The backend learns from its annotations if it is named with --url.
    Beyond this machine only with GOLDLEAF_BACKEND_USER and GOLDLEAF_BACKEND_PASSWORD.
    """
    from goldleaf.backend.credentials import Credentials
    from goldleaf.backend.server import serve as run
    from goldleaf.backend.training.retraining_schedule import RetrainingSchedule
    from goldleaf.studio.local_backend import (
        KnownBackend,
        instance_of,
        keep_backend,
        running_backend,
    )

    settings = settings_of(data_dir, url, lang)
    credentials = Credentials(
        settings.backend_user, settings.backend_password, settings.webhook_secret
    )

    def announce(url: str) -> None:
        """Have new projects of this data directory linked with us, unless another backend runs."""
        note(f"goldleaf answers at {url} (Ctrl-C ends it)")
        if (other := running_backend(settings.state)) and other.url != url:
            return note(f"New projects are linked with the backend that runs already: {other.url}")
        secret = credentials.webhook_secret
        known = KnownBackend(url, credentials.user, credentials.password, secret)
        keep_backend(settings.state, known)

    try:
        open_studio(settings).close()
    except UsageError as error:
        note(f"No drafts are learned: {error.what}")
        studio = None
    else:
        studio = partial(open_studio, settings)
    run(
        host,
        port,
        events=settings.state.create().events,
        predictor=predictor,
        models=settings.state.models,
        studio=studio,
        credentials=credentials,
        schedule=RetrainingSchedule(look=settings.poll_interval),
        instance=instance_of(settings.state),
        announce=announce,
    )
