"""The login that `goldleaf login` keeps in the data directory: a Label Studio and a token for it.

The token is of an account of goldleaf's own, so that a person's token is never replaced.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import httpx

from goldleaf.core.data_dir import SCRIPT_DOMAIN, DataDir
from goldleaf.core.redaction import remember
from goldleaf.studio.accounts import own_token
from goldleaf.studio.address import anonymous_client, same_address
from goldleaf.studio.client import Studio, Unauthorized

_SECRET = "login"
_LOOK = 1.0


@dataclass(frozen=True, slots=True)
class KeptLogin:
    """A Label Studio that runs elsewhere, and a token for it."""

    url: str
    token: str = field(repr=False)


def kept_login(data: DataDir, url: str = "") -> KeptLogin | None:
    """Return the login that is kept, None if there is none; with `url`, only one for that address.

    Raises:
        UsageError: the stored secret cannot be read.
    """
    kept = data.secret(_SECRET)
    if not kept.get("token") or not kept.get("url"):
        return None
    if url and not same_address(url, str(kept["url"])):
        return None
    remember(str(kept["token"]))
    return KeptLogin(str(kept["url"]), str(kept["token"]))


def keep_login(
    data: DataDir,
    url: str,
    email: str,
    password: str,
    *,
    wait: float = 0.0,
    waiting: Callable[[], None] = lambda: None,
) -> KeptLogin:
    """Get a token of goldleaf's own account and keep it; one that is kept and works stays.

    The account is made where it is missing, by the invitation that `email` may give.

    Args:
        data: the data directory.
        url: Label Studio's address.
        email: of a member of its organisation.
        password: the member's.
        wait: seconds to wait for a Label Studio that does not answer yet.
        waiting: called once when that begins.

    Raises:
        StudioUnreachable: it does not answer, or does not accept the password.
    """
    remember(password)
    url = url.rstrip("/")
    until, told = time.monotonic() + wait, False
    while not _answers(url):
        if time.monotonic() > until:
            break  # what follows says why
        if not told:
            waiting()
            told = True
        time.sleep(_LOOK)
    return _logged_in(data, url, email, password)


def _answers(url: str) -> bool:
    try:
        with anonymous_client(url, timeout=5.0) as http:
            return http.get("/health").is_success
    except httpx.TransportError:
        return False


def _logged_in(data: DataDir, url: str, email: str, password: str) -> KeptLogin:
    kept = kept_login(data, url)
    if kept:
        with Studio(url, kept.token) as studio:
            try:
                studio.get("/api/current-user/whoami")
                return kept
            except Unauthorized:
                pass
    before = data.secret(_SECRET)
    if not same_address(url, str(before.get("url") or url)):
        before = {}
    # Another name where the password is lost, as after a restore: that account cannot be entered.
    own = str(before.get("email") or f"goldleaf-{secrets.token_hex(3)}{SCRIPT_DOMAIN}")
    own_password = str(before.get("password") or secrets.token_urlsafe(24))
    made = {"url": url, "email": own, "password": own_password}
    # Kept before the account is made: a killed run shall not leave one that nobody can enter.
    data.keep_secret(_SECRET, made)
    token = own_token(url, (email, password), (own, own_password))
    data.keep_secret(_SECRET, {**made, "token": token})
    return KeptLogin(url, token)
