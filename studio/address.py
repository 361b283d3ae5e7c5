"""Addresses of servers, and how they are asked over HTTP."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import httpx

from goldleaf.core.errors import UsageError
from goldleaf.core.redaction import redact


def checked_url(url: str) -> str:
    """Return the address without white space around it and without its last slashes.

    Nothing is asked there.

    Raises:
        UsageError: it is no http or https address.
    """
    try:
        parsed = httpx.URL(url.strip())
    except httpx.InvalidURL:
        parsed = httpx.URL("")
    if parsed.scheme not in ("http", "https") or not parsed.host:
        raise UsageError(
            "This is no address of a Label Studio.",
            where=redact(url),
            fix="give one like http://127.0.0.1:8080",
        )
    return str(parsed).rstrip("/")


def anonymous_client(url: str, *, timeout: float = 30.0) -> httpx.Client:
    """Return an HTTP client without an account; a loopback address never goes through a proxy.

    The caller closes it. Redirects are not followed.

    Args:
        url: what paths of requests are added to.
        timeout: seconds to wait for an answer; connecting may take 5.
    """
    return httpx.Client(
        base_url=url,
        timeout=http_timeout(timeout),
        trust_env=not goes_direct(url),
    )


def goes_direct(url: str) -> bool:
    """Return whether an address is loopback: such a one is asked without the user's proxy."""
    return httpx.URL(url).host in ("127.0.0.1", "localhost", "::1")


def json_body(body: Any) -> dict[str, Any]:
    """Return how httpx is given the body of a request: bytes are JSON already."""
    if isinstance(body, bytes):
        return {"content": body, "headers": {"Content-Type": "application/json"}}
    return {"json": body}


def http_timeout(seconds: float) -> httpx.Timeout:
    """Return an HTTP timeout: `seconds` for each read or write, 5 s for the connection."""
    return httpx.Timeout(seconds, connect=5.0)


def same_address(one: str, other: str) -> bool:
    """Return whether two addresses lead to the same place; `localhost` is 127.0.0.1.

    Scheme, host, port and path must be the same, but for a last slash; names are not resolved, and
    a port that is left out equals no other.
    """

    def plain(url: str) -> tuple[str, str, int | None, str]:
        parts = urlsplit(url)
        host = {"localhost": "127.0.0.1"}.get(parts.hostname or "", parts.hostname or "")
        return parts.scheme, host, parts.port, parts.path.rstrip("/")

    try:
        return plain(one) == plain(other)
    except ValueError:  # a port beyond 65535, half an IPv6 address
        return one == other
