"""A further account in the organisation: how a program that annotates gets a name of its own."""

from __future__ import annotations

from goldleaf.core.errors import UsageError
from goldleaf.core.redaction import remember
from goldleaf.studio.client import Studio
from goldleaf.studio.login import checked_response, csrf_fields, personal_token, reachable_client
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
        _sign_up(studio, email, password)
    return Studio(studio.url, personal_token(studio.url, email, password))


def invitation(studio: Studio) -> str:
    """Return the address at which a person makes an account of their own.

    The link is the organisation's: anyone who has it may join, so it is shown and never logged.
    Errors as for `Studio.get`.
    """
    link = str(studio.get("/api/invite", shape=holding(invite_url=str))["invite_url"])
    return link if link.startswith("http") else studio.url + link


def _sign_up(studio: Studio, email: str, password: str) -> None:
    link = invitation(studio)
    remember(link.partition("token=")[2])
    with reachable_client(studio.url) as http:
        form = csrf_fields(http, link) | {"email": email, "password": password}
        answer = checked_response(http.post(link, data=form, headers={"Referer": studio.url}))
        if not answer.is_redirect:
            raise UsageError(
                f"Label Studio will not make an account for {email}.",
                where=studio.url,
                fix="use a password of 8 characters or more and an address that has no account yet",
            )
