"""No secret in a log or a message: known secrets and secret-shaped texts become `***`."""

from __future__ import annotations

import logging
import re

_SHAPES = re.compile(
    r"(?P<key>(?:authorization|access_token|refresh|password|token|secret|cookie)"
    r"[\"']?\s*[:=]\s*[\"']?(?:(?:basic|bearer|token)\s+)?)(?P<value>[^\s\"',;&}]{4,})"
    r"|eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*"  # a JSON web token
    r"|(?<=://)[^/\s:@]+:[^/\s@]+(?=@)",  # user:password@ in an address
    re.IGNORECASE,
)
_known: set[str] = set()


def remember(secret: str) -> None:
    """Have `redact` strike out `secret` from now on; a text under 4 characters is ignored."""
    if len(secret) >= 4:
        _known.add(secret)


def redact(text: str) -> str:
    """Return `text` with each secret replaced by `***`.

    A secret is what `remember` was given; what follows `token`, `password`, `secret`, `cookie`,
    `authorization`, `access_token` or `refresh` and `:` or `=`, if it has 4 characters or more; a
    JSON web token; `user:password` in an address.

    >>> redact("Authorization: Token 0123456789abcdef")
    'Authorization: Token ***'
    """
    for secret in sorted(_known, key=len, reverse=True):
        text = text.replace(secret, "***")
    return _SHAPES.sub(lambda found: f"{found['key'] or ''}***", text)


class RedactingFilter(logging.Filter):
    """A logging filter that strikes secrets out of the finished message."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Strike secrets out of a log record's message, in place; always True: it is logged.

        Its arguments become part of the message; a traceback (`exc_info`) is not looked at.
        """
        record.msg = redact(record.getMessage())
        record.args = None
        return True
