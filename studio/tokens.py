"""The two kinds of token that Label Studio knows, and the header each becomes."""

from __future__ import annotations

import base64
import binascii
import json
import time
from collections.abc import Callable
from typing import Literal, Protocol, TypeAlias

from goldleaf.core.errors import StudioUnreachable
from goldleaf.core.redaction import remember

TokenKind: TypeAlias = Literal["personal access token", "legacy token"]
_SPARE = 30.0
"""Seconds before its end at which an access token is renewed."""
_LIFETIME = 300.0
"""How long an access token lives when it does not say so itself."""


class Credential(Protocol):
    """What makes a request ours."""

    kind: TokenKind

    def header(self) -> str:
        """Return the value of `Authorization` for a request made now."""
        ...

    def renew(self) -> bool:
        """Forget what the server just refused; return whether trying once more can succeed."""
        ...


class LegacyToken:
    """40 hex digits, sent as they are; off by default since Label Studio 1.20."""

    kind: TokenKind = "legacy token"

    def __init__(self, token: str) -> None:
        self._token = token

    def header(self) -> str:
        """Return `Token ...`."""
        return f"Token {self._token}"

    def renew(self) -> bool:
        """Return False: the same token would be refused again."""
        return False


class PersonalToken:
    """A refresh token; each request carries an access token got for it, good for 300 seconds.

    Args:
        token: the refresh token, a JSON web token.
        exchange: asks Label Studio for an access token; raises what the user must see.
    """

    kind: TokenKind = "personal access token"

    def __init__(self, token: str, exchange: Callable[[str], str]) -> None:
        self._refresh = token
        self._exchange = exchange
        self._access = ""
        self._until = 0.0

    def header(self) -> str:
        """Return `Bearer ...`, asking for a new access token when the old one is about to end."""
        if not self._access or time.monotonic() > self._until - _SPARE:
            self._access = self._exchange(self._refresh)
            remember(self._access)
            self._until = time.monotonic() + _lifetime(self._access)
        return f"Bearer {self._access}"

    def renew(self) -> bool:
        """Forget the access token, so that `header` asks for another; False if there was none."""
        had = bool(self._access)
        self._access = ""
        return had


def credential(token: str, exchange: Callable[[str], str]) -> Credential:
    """Return the credential of a token; one with two dots is a JSON web token, others are legacy.

    The server is not asked, so a well-formed token may still be refused.

    Args:
        token: white space around it is ignored.
        exchange: see `PersonalToken`.

    Raises:
        StudioUnreachable: the text can be no token, so it cannot let us in.
    """
    token = token.strip()
    if not token or not token.isascii() or not token.isprintable() or " " in token:
        raise StudioUnreachable(
            "This is no Label Studio token." if token else "There is no Label Studio token.",
            fix="set GOLDLEAF_TOKEN to a personal access token (Account & Settings)",
        )
    remember(token)
    return PersonalToken(token, exchange) if token.count(".") == 2 else LegacyToken(token)


def _lifetime(access: str) -> float:
    """Return the seconds between issue and end; the server's own clock, so ours may be wrong."""
    payload = access.split(".")[1] if access.count(".") == 2 else ""
    try:
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        return float(claims["exp"]) - float(claims["iat"])
    except (binascii.Error, ValueError, KeyError, TypeError):
        return _LIFETIME
