"""The ML backend that a new project gets, attached in a thread after the project is saved."""

from __future__ import annotations

import logging
import os
import threading
import time
from typing import Any

from goldleaf.core.errors import GoldleafError
from goldleaf.core.settings import load
from goldleaf.label_studio_plugin.inside_client import InsideStudio
from goldleaf.studio.backend_link import connect_known
from goldleaf.studio.local_backend import KnownBackend, running_backend
from goldleaf.workflows.label_studio_connection import backend_at

BACKEND_URL = "GOLDLEAF_BACKEND_URL"
"""Names the backend as Label Studio reaches it, where it is not that of the data directory."""
_PAUSES = (3.0, 15.0)
"""Seconds before a backend is tried again that cannot be attached just now."""
_log = logging.getLogger("goldleaf")


def backend() -> KnownBackend | None:
    """Return the backend for new projects, and the login to show it; None where there is none.

    The one that the environment names, with `GOLDLEAF_BACKEND_USER`, `GOLDLEAF_BACKEND_PASSWORD`
    and `GOLDLEAF_WEBHOOK_SECRET`; else the one that runs on the data directory.
    """
    settings = load()
    if url := os.environ.get(BACKEND_URL):
        return backend_at(settings, url)
    return running_backend(settings.state)


def attach_later(project: Any) -> None:
    """Attach the backend to a saved project: once that is committed, in a thread of its own.

    Label Studio asks a backend twice before it takes it, which may take seconds, and nobody who
    saves a project shall wait for that. What fails is logged.
    """
    from django.db import transaction

    number, user = project.pk, project.created_by or project.organization.created_by
    thread = threading.Thread(
        target=_attach, args=(number, user), name=f"goldleaf-{number}", daemon=True
    )
    transaction.on_commit(thread.start)


def _attach(number: int, user: Any) -> None:
    from django.db import connections

    try:
        for pause in (*_PAUSES, None):
            try:
                known = backend()
                if known is not None:
                    with InsideStudio(user) as studio:
                        connect_known(studio, number, known)
                return
            except GoldleafError:
                if pause is None:
                    raise
                time.sleep(pause)
    except Exception as error:
        why = " ".join(str(error).split())
        _log.warning("goldleaf: project %s gets no backend: %s", number, why)
    finally:
        connections.close_all()
