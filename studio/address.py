"""Addresses of servers, and how they are asked over HTTP."""

from __future__ import annotations

from urllib.parse import urlsplit

import httpx

from goldleaf.core.errors import UsageError
from goldleaf.core.redaction import redact


def checked_url(url: str) -> str:
    """Return the address without its last slash.

    Raises:
        UsageError: it is no http address.
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
    """Return an HTTP client without an account; a loopback address never goes through a proxy."""
    return httpx.Client(
        base_url=url,
        timeout=http_timeout(timeout),
        trust_env=httpx.URL(url).host not in ("127.0.0.1", "localhost", "::1"),
    )


def http_timeout(seconds: float) -> httpx.Timeout:
    """Return an HTTP timeout: long for a response, short for the connection."""
    return httpx.Timeout(seconds, connect=5.0)


def same_address(one: str, other: str) -> bool:
    """Return whether two addresses lead to the same place; `localhost` is 127.0.0.1."""

    def plain(url: str) -> tuple[str, str, int | None, str]:
        parts = urlsplit(url)
        host = {"localhost": "127.0.0.1"}.get(parts.hostname or "", parts.hostname or "")
        return parts.scheme, host, parts.port, parts.path.rstrip("/")

    return plain(one) == plain(other)
