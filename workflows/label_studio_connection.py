"""Resolve the Label Studio and the backend of the settings: address, token, login."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from goldleaf.core.errors import UsageError
from goldleaf.core.settings import SHARED_NAMES, Settings

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


@dataclass(frozen=True, slots=True)
class Connection:
    """Which Label Studio is meant, with which token, and where both were found.

    `url` and `token` are "" where there is none; the origins are those of `Settings.origins`,
    `DATA_DIR` or `LOGIN`.
    """

    url: str = ""
    token: str = field(default="", repr=False)
    url_origin: str = ""
    token_origin: str = ""


DATA_DIR = "goldleaf up"
"""Origin of what the data directory has: the Label Studio that `goldleaf up` runs on it."""
LOGIN = "goldleaf login"
"""Origin of what `goldleaf login` keeps in the data directory."""


def connection(settings: Settings) -> Connection:
    """Return which Label Studio the settings mean; nothing is requested.

    The one that `goldleaf up` runs is meant where no address is named. Its own token then comes
    before `LABEL_STUDIO_API_KEY`, which may be for another one, and after every other setting.
    The token that `goldleaf login` keeps counts where no other is given.

    Raises:
        UsageError: the data directory's secret cannot be read.
    """
    from goldleaf.studio.embedded_label_studio import kept_connection
    from goldleaf.studio.kept_login import kept_login

    url, token = settings.url, settings.token
    origins = settings.origins
    url_origin, token_origin = origins.get("url", ""), origins.get("token", "")
    kept = kept_connection(settings.state)
    if kept and (not url or url.rstrip("/") == kept.url):
        shared = SHARED_NAMES["token"], SHARED_NAMES["url"]
        other = token_origin == shared[0] and url_origin != shared[1]
        if not token or other:
            token, token_origin = kept.token, DATA_DIR
        url, url_origin = kept.url, url_origin if url else DATA_DIR
    if not token and (login := kept_login(settings.state, url)):
        token, token_origin = login.token, LOGIN
        url, url_origin = url or login.url, url_origin if url else LOGIN
    return Connection(url, token, url_origin, token_origin if token else "")


def open_studio(settings: Settings) -> Studio:
    """Return a client of the Label Studio in the settings, else of the one that `goldleaf up` runs.

    Nothing is requested yet. Close it, or use it in a `with` block.

    Raises:
        UsageError: none is named and none is kept in the data directory, or there is no token.
    """
    from goldleaf.studio.client import Studio

    found = connection(settings)
    if not found.url:
        raise UsageError(
            "No Label Studio URL is configured.",
            where=str(settings.state.path),
            fix="run goldleaf up, or set LABEL_STUDIO_URL and LABEL_STUDIO_API_KEY, "
            "or give --url and set GOLDLEAF_TOKEN",
        )
    if not found.token:
        raise UsageError(
            "There is no token for this Label Studio.",
            where=found.url,
            fix="set LABEL_STUDIO_API_KEY or GOLDLEAF_TOKEN to a token from Account & Settings in "
            "Label Studio, or run goldleaf login",
        )
    return Studio(found.url, found.token)
