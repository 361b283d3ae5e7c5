"""The address of a server that the user named, and the key that it is shown."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import SplitResult, urlsplit

from goldleaf.core.errors import UsageError
from goldleaf.core.redaction import redact

KEY, OTHER_KEY = "GOLDLEAF_ENDPOINT_KEY", "OPENAI_API_KEY"
_LOOPBACK = frozenset(("127.0.0.1", "localhost", "::1"))


@dataclass(frozen=True)
class EndpointAddress:
    """An OpenAI-compatible server.

    Attributes:
        url: its base address, such as `http://127.0.0.1:8000/v1`, without a slash at the end.
        key: what it is shown; "" for none.
    """

    url: str
    key: str = field(default="", repr=False)

    @property
    def completions(self) -> str:
        """Where chat completions are asked for."""
        return f"{self.url}/chat/completions"

    @property
    def host(self) -> str:
        """Host and port, for messages."""
        return urlsplit(self.url).netloc

    @property
    def is_loopback(self) -> bool:
        """Whether the server is on this machine."""
        return urlsplit(self.url).hostname in _LOOPBACK


def endpoint_address(url: str, environ: Mapping[str, str] = os.environ) -> EndpointAddress:
    """Return the server at an address, with its key from the environment.

    `/v1` is added where the address has no path. `GOLDLEAF_ENDPOINT_KEY` counts before
    `OPENAI_API_KEY`, and the latter is never sent unencrypted to another machine.

    Raises:
        UsageError: it is no address, holds a password, or the key cannot be sent.
    """
    url = url.strip().rstrip("/").removesuffix("/chat/completions").rstrip("/")
    parts = _parts(url)
    if parts is None or parts.scheme not in ("http", "https") or not parts.hostname:
        raise UsageError(
            "This is no address of a server.",
            where=redact(url),
            fix="give one like http://127.0.0.1:8000/v1",
        )
    if "@" in parts.netloc or parts.query or parts.fragment:
        raise UsageError(
            "An address must not hold a password, a query or a fragment.",
            where=f"{parts.scheme}://{parts.hostname}",
            fix=f"put the key into {KEY}",
        )
    base = f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/') or '/v1'}"
    key = environ.get(KEY, "").strip()
    if not key and (parts.scheme == "https" or parts.hostname in _LOOPBACK):
        key = environ.get(OTHER_KEY, "").strip()
    if not key.isascii() or any(letter.isspace() or not letter.isprintable() for letter in key):
        raise UsageError(
            "The key of the server holds characters that no key has.",
            where=f"{KEY} / {OTHER_KEY}",
            fix="set it anew, without spaces and line feeds",
        )
    return EndpointAddress(base, key)


def _parts(url: str) -> SplitResult | None:
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return None
    return parts
