"""Resolve the Label Studio and the backend of the settings: address, token, login."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from goldleaf.core.errors import UsageError
from goldleaf.core.settings import Settings

if TYPE_CHECKING:
    from goldleaf.studio.client import Studio
    from goldleaf.studio.local_backend import KnownBackend


def backend_at(settings: Settings, url: str) -> KnownBackend:
    """Return the backend at an address with the login to show it.

    The settings' login counts first; the one kept in the data directory is shown to its own
    backend only. Where neither has one, the backend has no login. Whether it runs is not checked.
    """
    from goldleaf.studio.address import same_address
    from goldleaf.studio.local_backend import KnownBackend, kept_backend

    kept = kept_backend(settings.state)
    if kept and not same_address(kept.url, url):
        kept = None
    if settings.backend_user or settings.backend_password or settings.webhook_secret:
        instance = kept.instance if kept else ""
        user, password = settings.backend_user, settings.backend_password
        return KnownBackend(url, user, password, settings.webhook_secret, instance)
    return replace(kept, url=url) if kept else KnownBackend(url)


def local_backend(settings: Settings) -> KnownBackend:
    """Return the backend that runs on the data directory of the settings now.

    Raises:
        UsageError: none does.
    """
    from goldleaf.studio.local_backend import kept_backend, running_backend

    if running := running_backend(settings.state):
        return running
    kept = kept_backend(settings.state)
    raise UsageError(
        "No backend runs on this data directory.",
        where=kept.url if kept else str(settings.state.path),
        fix="start it with goldleaf up or goldleaf serve, or give the address of another one",
    )


def open_studio(settings: Settings) -> Studio:
    """Return a client of the Label Studio in the settings, else of the one that `goldleaf up` runs.

    Nothing is requested yet. Close it, or use it in a `with` block.

    Raises:
        UsageError: none is named and none is kept in the data directory, or there is no token.
    """
    from goldleaf.studio.client import Studio
    from goldleaf.studio.embedded_label_studio import kept_connection

    url, token = settings.url, settings.token
    kept = kept_connection(settings.state)
    if kept and (not url or url.rstrip("/") == kept.url):
        url, token = kept.url, token or kept.token
    if not url:
        raise UsageError(
            "No Label Studio URL is configured.",
            where=str(settings.state.path),
            fix="run goldleaf up, or give --url and set GOLDLEAF_TOKEN",
        )
    if not token:
        raise UsageError(
            "There is no token for this Label Studio.",
            where=url,
            fix="set GOLDLEAF_TOKEN to a token from Account & Settings in Label Studio",
        )
    return Studio(url, token)
