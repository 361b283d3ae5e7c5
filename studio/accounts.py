"""A further account in the organisation: how a program that annotates gets a name of its own."""

from __future__ import annotations

from goldleaf.core.errors import StudioUnreachable, UsageError
from goldleaf.core.redaction import remember
from goldleaf.studio.client import Studio
from goldleaf.studio.login import (
    checked_response,
    csrf_fields,
    logged_in_client,
    personal_token,
    reachable_client,
    session_token,
)
from goldleaf.studio.response_shapes import holding


def create_account(studio: Studio, email: str, password: str) -> Studio:
    """Return a Label Studio seen through the account `email`, made if it is not there yet.

    Sign-up without a link stays closed: the organisation's invitation link opens it for this one.
    Older personal access tokens of the account end.

    Args:
        studio: seen through any member of the organisation.
        email: the account's address; lower case counts.
        password: at least 8 characters.

    Raises:
        UsageError: Label Studio will not take this address or password.
        StudioUnreachable: the account is there already, with another password.
    """
    remember(password)
    if email.lower() not in {known.lower() for known in studio.accounts().values()}:
        return Studio(studio.url, _signed_up(studio.url, invitation(studio), email, password))
    return Studio(studio.url, personal_token(studio.url, email, password))


def own_token(url: str, member: tuple[str, str], own: tuple[str, str]) -> str:
    """Return a token of goldleaf's own account, made with a member's invitation if it is not there.

    The member gets no token by this, and keeps those it has.

    Args:
        url: Label Studio's address.
        member: e-mail and password of anyone in the organisation.
        own: e-mail and password of the account.

    Raises:
        UsageError: Label Studio will not take this address or password.
        StudioUnreachable: no server answers, or one of the passwords is wrong.
    """
    try:
        return personal_token(url, *own)
    except StudioUnreachable:
        with logged_in_client(url, *member) as http:
            answer = checked_response(http.get("/api/invite")).json()
        if not holding(invite_url=str)(answer):
            raise
        link = _whole(url, answer["invite_url"])
    return _signed_up(url, link, *own)


def invitation(studio: Studio) -> str:
    """Return the address at which a person makes an account of their own.

    The link is the organisation's: anyone who has it may join, so it is shown and never logged.
    Errors as for `Studio.get`.
    """
    link = str(studio.get("/api/invite", shape=holding(invite_url=str))["invite_url"])
    return _whole(studio.url, link)


def _whole(url: str, link: str) -> str:
    return link if link.startswith("http") else url + link


def _signed_up(url: str, link: str, email: str, password: str) -> str:
    """Make an account and return a token of it: who signs up is logged in."""
    remember(password)
    remember(link.partition("token=")[2])
    # By the address that we know: the link's may be the one that browsers use.
    path = "/" + link.partition("://")[2].partition("/")[2] if "://" in link else link
    with reachable_client(url) as http:
        form = csrf_fields(http, path) | {"email": email, "password": password}
        answer = checked_response(http.post(path, data=form, headers={"Referer": url}))
        if not answer.is_redirect:
            raise UsageError(
                f"Label Studio will not make an account for {email}.",
                where=url,
                fix="use a password of 8 characters or more and an address that has no account yet",
            )
        return session_token(http, email)
