"""The door between our client and that of label-studio-sdk: one address and one token."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import httpx

from goldleaf.core.errors import UsageError
from goldleaf.studio.address import goes_direct

if TYPE_CHECKING:
    from label_studio_sdk import LabelStudio

SECONDS = 60.0
"""The SDK's own timeout."""


def address_and_token(client: Any) -> tuple[str, str]:
    """Return the address and the token that a client of label-studio-sdk was made with.

    The SDK has no public name for the token; these are the names of 2.1.

    Raises:
        UsageError: it is no such client, or of an SDK that keeps them elsewhere.
    """
    wrapper = getattr(client, "_client_wrapper", None)
    url = getattr(wrapper, "_base_url", None)
    token = getattr(getattr(wrapper, "_tokens_client", None), "_api_key", None)
    if not isinstance(url, str) or not isinstance(token, str):
        raise UsageError(
            "This is not a client of label-studio-sdk as goldleaf knows it.",
            where=type(client).__name__,
            fix="give a LabelStudio(base_url=..., api_key=...), or use Studio(url, token)",
        )
    return url, token


def sdk_client(url: str, token: str, **options: Any) -> LabelStudio:
    """Return a client of label-studio-sdk; a loopback address never goes through a proxy.

    Raises:
        UsageError: label-studio-sdk is not installed.
    """
    try:
        from label_studio_sdk import LabelStudio
    except ImportError:
        raise UsageError(
            "label-studio-sdk is not installed.", fix="install it: pip install 'goldleaf[studio]'"
        ) from None
    if "httpx_client" not in options and goes_direct(url):
        # The SDK drops its own timeout and its redirects with a client that it is given.
        seconds = cast("float | None", options.get("timeout", SECONDS))
        options["httpx_client"] = httpx.Client(
            timeout=seconds, follow_redirects=True, trust_env=False
        )
    return LabelStudio(base_url=url, api_key=token, **options)
