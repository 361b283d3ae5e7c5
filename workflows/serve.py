"""The ML backend alone, for a Label Studio that runs elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from goldleaf.core.errors import UsageError
from goldleaf.core.settings import Settings
from goldleaf.workflows.label_studio_connection import open_studio

if TYPE_CHECKING:
    from goldleaf.backend.predictors.predictor import Predictor


def serve_backend(
    settings: Settings,
    *,
    host: str = "127.0.0.1",
    port: int = 9090,
    predictor: str | Predictor = "auto",
    processes: int = 1,
    on_ready: Callable[[str, str], None] = lambda url, other: None,
    on_no_learning: Callable[[UsageError], None] = lambda why: None,
) -> None:
    """Serve drafts until the process is ended; new projects of the data directory are linked.

    Args:
        settings: data directory, logins, and the Label Studio from whose answers to learn.
        host: the address to listen on.
        port: the port; 0 takes a free one.
        predictor: a predictor or the name of one.
        processes: how many answer on the port; one more then trains.
        on_ready: called with the backend's address, and with that of another backend of the same
            data directory that runs already and keeps the new projects; else "".
        on_no_learning: called with why nothing can be learned.

    Raises:
        UsageError: the address or the port cannot be used, there is no such predictor, or it
            cannot be served by several processes.
    """
    from goldleaf.backend.credentials import Credentials
    from goldleaf.backend.serve import serve
    from goldleaf.backend.training.retraining_schedule import RetrainingSchedule
    from goldleaf.studio.local_backend import (
        KnownBackend,
        instance_of,
        keep_backend,
        running_backend,
    )

    credentials = Credentials(
        settings.backend_user, settings.backend_password, settings.webhook_secret
    )

    def ready(url: str) -> None:
        linked = settings.backend_url or url
        if (other := running_backend(settings.state)) and other.url != linked:
            return on_ready(url, other.url)
        secret = credentials.webhook_secret
        known = KnownBackend(linked, credentials.user, credentials.password, secret)
        on_ready(url, "")
        keep_backend(settings.state, known)

    if processes != 1 and (not isinstance(predictor, str) or ":" in predictor):
        raise UsageError(
            "A model that writes, or of your own, is served by one process.",
            where="--processes",
            fix="leave --processes out: each would load the model, and learn for itself",
        )
    try:
        open_studio(settings).close()
    except UsageError as error:
        on_no_learning(error)
        studio = None
    else:
        studio = partial(open_studio, settings)
    serve(
        host,
        port,
        events=settings.state.create().events,
        predictor=predictor,
        models=settings.state.models,
        studio=studio,
        credentials=credentials,
        schedule=RetrainingSchedule(look=settings.poll_interval),
        instance=instance_of(settings.state),
        processes=processes,
        announce=ready,
    )
