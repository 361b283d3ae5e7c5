"""An account's e-mail and password become a personal access token, through the login form."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx

from goldleaf.core.errors import StudioUnreachable
from goldleaf.core.redaction import remember
from goldleaf.studio.address import anonymous_client
from goldleaf.studio.response_shapes import Shape, holding, rows

LOGIN, TOKENS = "/user/login/", "/api/token/"


@contextmanager
def reachable_client(url: str) -> Iterator[httpx.Client]:
    """Yield a client without an account, whose network failures are one plain message.

    Raises:
        StudioUnreachable: no server answers at `url`.
    """
    try:
        with anonymous_client(url) as http:
            # Behind a TLS proxy Label Studio marks its cookies as secure; operators may still call
            # it by an address inside the proxy's network.
            def keep_cookies(response: httpx.Response) -> None:
                for cookie in http.cookies.jar:
                    cookie.secure = False

            if http.base_url.scheme == "http":
                http.event_hooks["response"].append(keep_cookies)
            yield http
    except httpx.RequestError as error:
        raise StudioUnreachable(
            f"Label Studio cannot be reached: {error}.", where=url, fix="start it (goldleaf up)"
        ) from error


def checked_response(response: httpx.Response) -> httpx.Response:
    """Return the response unchanged, of any status by which the request itself can be judged.

    Raises:
        StudioUnreachable: Label Studio is busy or fails (429, 5xx).
    """
    if response.status_code == 429 or response.status_code >= 500:
        raise StudioUnreachable(
            f"Label Studio fails on this request: it answers with status {response.status_code}.",
            where=str(response.url.copy_with(query=None)),
            fix="see its log; then run the same command again",
        )
    return response


def _json(response: httpx.Response, shape: Shape) -> Any:
    try:
        answer = checked_response(response).json()
    except (ValueError, RecursionError):
        answer = None
    if not shape(answer):
        raise StudioUnreachable(
            "The answer is not as Label Studio gives it.",
            where=str(response.url),
            fix="run the same command again; if it stays so, check the address and the port",
        )
    return answer


def csrf_fields(http: httpx.Client, path: str) -> dict[str, str]:
    """Open a form's page; return the field and keep the cookie that its POST must carry.

    Raises:
        StudioUnreachable: there is no such form, so this is no Label Studio.
    """
    checked_response(http.get(path))
    token = http.cookies.get("csrftoken")
    if not token:
        raise StudioUnreachable(
            "The server at this address is not Label Studio.",
            where=str(http.base_url.join(path)),
            fix="check the address and the port",
        )
    return {"csrfmiddlewaretoken": token}


@contextmanager
def logged_in_client(url: str, email: str, password: str) -> Iterator[httpx.Client]:
    """Yield a client with the session of an account, closed after the block.

    Raises:
        StudioUnreachable: no server answers, or the account or password is wrong.
    """
    remember(password)
    with reachable_client(url) as http:
        form = csrf_fields(http, LOGIN) | {"email": email, "password": password}
        answer = checked_response(http.post(LOGIN, data=form, headers={"Referer": url + LOGIN}))
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
        StudioUnreachable: no server answers, or the account or password is wrong.
    """
    with logged_in_client(url, email, password) as http:
        return session_token(http, email)


def session_token(http: httpx.Client, email: str) -> str:
    """Return a new personal access token of the account whose session a client has.

    As `personal_token`, and errors as there.
    """
    url = str(http.base_url).rstrip("/")
    headers = {"X-CSRFToken": http.cookies.get("csrftoken") or "", "Referer": url}
    made = checked_response(http.post(TOKENS, headers=headers))
    if made.status_code == 409:
        for old in _json(http.get(TOKENS), rows("token")):
            http.post(TOKENS + "blacklist/", json={"refresh": old["token"]}, headers=headers)
        made = checked_response(http.post(TOKENS, headers=headers))
    if made.status_code != 201:
        raise StudioUnreachable(
            f"Label Studio gives {email} no token (status {made.status_code}).",
            where=url + TOKENS,
            fix="see whether the organisation allows personal access tokens",
        )
    token = str(_json(made, holding(token=str))["token"])
    remember(token)
    return token
