"""Our client of Label Studio's API for use inside its own process: no network, no stored token."""

from __future__ import annotations

from functools import cache
from typing import Any

import httpx

from goldleaf.studio.client import Studio
from goldleaf.studio.tokens import TokenKind

_NOWHERE = "http://label-studio.invalid"
"""What requests are addressed to; `.invalid` is no real name (RFC 2606)."""


class InsideStudio(Studio):
    """Label Studio's API as a user sees it, its routes called directly.

    So nothing needs to be known of the address, port or proxy that it is served at. Use it in a
    thread that serves no request: Label Studio keeps the request of a thread in one place.

    Args:
        user: a user of this Label Studio; a `User` of its own.
    """

    def __init__(self, user: Any) -> None:
        super().__init__(_NOWHERE, "0" * 40)
        self._http.close()
        self._http = httpx.Client(
            base_url=_NOWHERE,
            headers={"Host": _host()},
            transport=httpx.WSGITransport(app=_wsgi()),
        )
        self._credential = _OfUser(user)


class _OfUser:
    """An access token for each request, made for a user and good for minutes."""

    kind: TokenKind = "personal access token"

    def __init__(self, user: Any) -> None:
        self._user = user

    def header(self) -> str:
        from rest_framework_simplejwt.tokens import AccessToken

        return f"Bearer {AccessToken.for_user(self._user)}"

    def renew(self) -> bool:
        return False


def _host() -> str:
    """Return a host that Label Studio lets itself be asked for: its `ALLOWED_HOSTS` may be few."""
    from django.conf import settings

    allowed = [each.strip().removeprefix(".") for each in settings.ALLOWED_HOSTS]
    return next((each for each in allowed if each and "*" not in each), _NOWHERE.partition("//")[2])


@cache
def _wsgi() -> Any:
    from django.core.handlers.wsgi import WSGIHandler

    return WSGIHandler()
