"""The login of label-studio-ml's server: Basic auth, and a secret header for webhooks."""

from __future__ import annotations

import os
from typing import Any

from goldleaf.backend.credentials import WEBHOOK_HEADER, Credentials
from goldleaf.core.settings import Settings


def take_credentials(settings: Settings) -> Credentials:
    """Return the login, and take `BASIC_AUTH_USER` and `BASIC_AUTH_PASS` out of the environment.

    2.x would ask for them at `/webhook` too, where Label Studio sends none, so that every event
    would be lost; 1.x does not know them. goldleaf's own settings count where these are not set.
    """
    user = os.environ.pop("BASIC_AUTH_USER", "") or settings.backend_user
    password = os.environ.pop("BASIC_AUTH_PASS", "") or settings.backend_password
    return Credentials(user, password, settings.webhook_secret)


def require_login(app: Any, credentials: Credentials) -> None:
    """Have a Flask application refuse callers without the login: 401.

    `/` and `/health` are open. An event needs the login or the webhook's secret; one that is
    refused only delays, as training looks at all projects every half minute.
    """
    from flask import Response, request

    def authenticate() -> Response | None:
        given = request.headers.get("Authorization", "")
        if request.path in ("/", "/health"):
            return None
        if request.path == "/webhook":
            known = credentials.admits_webhook(given, request.headers.get(WEBHOOK_HEADER, ""))
        else:
            known = credentials.admits(given)
        if known:
            return None
        challenge = {"WWW-Authenticate": 'Basic realm="goldleaf", charset="UTF-8"'}
        return Response("user and password are those of this backend", 401, challenge)

    app.before_request(authenticate)
