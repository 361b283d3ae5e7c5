"""Who may ask: Basic auth for Label Studio's own calls, a secret header for its webhooks.

Label Studio sends Basic auth with health, setup, predict and START_TRAINING, and only its webhook's
own header with ANNOTATION_* events; so `/webhook` takes either.
"""

from __future__ import annotations

import hmac
from base64 import b64decode
from dataclasses import dataclass

WEBHOOK_HEADER = "X-Goldleaf-Webhook"


@dataclass(frozen=True, slots=True)
class Credentials:
    """What callers must know; without a password every caller is let in (loopback only)."""

    user: str = ""
    password: str = ""
    webhook_secret: str = ""

    @property
    def required(self) -> bool:
        """Whether callers must log in: a password is set.

        A user or a webhook secret alone requires nothing.
        """
        return bool(self.password)

    def admits(self, authorization: str) -> bool:
        """Return whether an `Authorization` header (`Basic ...`) carries user and password.

        Without a password any header is admitted, "" for none too; a malformed one never raises.
        """
        if not self.required:
            return True
        scheme, _, encoded = authorization.partition(" ")
        if scheme.lower() != "basic":
            return False
        try:
            given = b64decode(encoded.strip().encode("latin-1"), validate=True)
        except ValueError:
            return False
        # RFC 7617 leaves the encoding open: browsers send UTF-8, Python's requests Latin-1.
        expected = f"{self.user}:{self.password}"
        utf8 = hmac.compare_digest(given, expected.encode("utf-8", "replace"))
        latin = hmac.compare_digest(given, expected.encode("latin-1", "backslashreplace"))
        return utf8 or latin

    def admits_webhook(self, authorization: str, secret: str) -> bool:
        """Return whether an event comes with the secret of the webhook, or with Basic auth.

        Either is enough; where no password is set, a wrong secret is admitted, too.
        """
        expected = self.webhook_secret.encode()
        # WSGI hands headers over as Latin-1.
        known = bool(expected) and hmac.compare_digest(secret.encode("latin-1"), expected)
        return known or self.admits(authorization)
