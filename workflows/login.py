"""A token of a Label Studio that runs elsewhere, got with a member's password and kept."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from goldleaf.core.errors import UsageError
from goldleaf.core.settings import Settings

if TYPE_CHECKING:
    from goldleaf.studio.kept_login import KeptLogin


def log_in(
    settings: Settings,
    email: str,
    password: str,
    *,
    wait: float = 0.0,
    waiting: Callable[[], None] = lambda: None,
) -> KeptLogin:
    """Keep a token for the Label Studio of the settings in their data directory.

    It is of an account of goldleaf's own. Commands and the backend on this data directory use it
    from then on. Repeated, it does nothing while the token works.

    Args:
        settings: the address and the data directory.
        email: of any member of the organisation.
        password: the member's; it is not kept.
        wait: seconds to wait for a Label Studio that does not answer yet.
        waiting: called once when that begins.

    Raises:
        UsageError: no address, account or password is given, or it is no address.
        StudioUnreachable: it does not answer, or does not accept the password.
    """
    from goldleaf.studio.address import checked_url
    from goldleaf.studio.kept_login import keep_login

    if not settings.url:
        fix = "give --url, or set LABEL_STUDIO_URL"
        raise UsageError("No Label Studio URL is configured.", fix=fix)
    url = checked_url(settings.url)
    if not email or not password:
        fix = "set LABEL_STUDIO_USERNAME and LABEL_STUDIO_PASSWORD, or LABEL_STUDIO_PASSWORD_FILE"
        raise UsageError("There is no account to log in with.", where=url, fix=fix)
    return keep_login(settings.state, url, email, password, wait=wait, waiting=waiting)
