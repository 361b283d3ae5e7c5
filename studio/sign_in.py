"""An account's e-mail and password become a personal access token, through the login form."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import httpx

from goldleaf.core.errors import StudioUnreachable
from goldleaf.core.redaction import remember
from goldleaf.studio.client import visitor

LOGIN, TOKENS = "/user/login/", "/api/token/"


@contextmanager
def reachable(url: str) -> Iterator[httpx.Client]:
    """Yield a client without an account, whose network failures are one plain message.

    Raises:
        StudioUnreachable: nobody answers at `url`.
    """
    try:
        with visitor(url) as http:
            yield http
    except httpx.TransportError as error:
        raise StudioUnreachable(
            f"Label Studio cannot be reached: {error}.", where=url, fix="start it (goldleaf up)"
        ) from error


def csrf(http: httpx.Client, path: str) -> dict[str, str]:
    """Open a form's page; return the field and keep the cookie that its POST must carry.

    Raises:
        StudioUnreachable: there is no such form, so this is no Label Studio.
    """
    http.get(path)
    token = http.cookies.get("csrftoken")
    if not token:
        raise StudioUnreachable(
            "Somebody answers here, but not as Label Studio does.",
            where=str(http.base_url.join(path)),
            fix="check the address and the port",
        )
    return {"csrfmiddlewaretoken": token}


@contextmanager
def signed_in(url: str, email: str, password: str) -> Iterator[httpx.Client]:
    """Yield a client with the session of an account.

    Raises:
        StudioUnreachable: nobody answers, or the account or password is wrong.
    """
    remember(password)
    with reachable(url) as http:
        form = csrf(http, LOGIN) | {"email": email, "password": password}
        answer = http.post(LOGIN, data=form, headers={"Referer": url + LOGIN})
        if not answer.is_redirect:
            raise StudioUnreachable(
                f"Label Studio does not let {email} in with this password.",
                where=url,
                fix="check the account; a forgotten password: label-studio reset_password",
            )
        yield http


def personal_token(url: str, email: str, password: str) -> str:
    """Return a new personal access token of an account; older ones of it end.

    Label Studio shows a token once and allows one an account, so a lost one can only be replaced.

    Raises:
        StudioUnreachable: nobody answers, or the account or password is wrong.
    """
    with signed_in(url, email, password) as http:
        headers = {"X-CSRFToken": http.cookies.get("csrftoken") or "", "Referer": url}
        made = http.post(TOKENS, headers=headers)
        if made.status_code == 409:
            for old in http.get(TOKENS).json():
                http.post(TOKENS + "blacklist/", json={"refresh": old["token"]}, headers=headers)
            made = http.post(TOKENS, headers=headers)
        if made.status_code != 201:
            raise StudioUnreachable(
                f"Label Studio gives {email} no token (status {made.status_code}).",
                where=url + TOKENS,
                fix="see whether the organisation allows personal access tokens",
            )
        token = str(made.json()["token"])
    remember(token)
    return token
