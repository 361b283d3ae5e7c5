"""The route `/team`: the lead's page, made anew from Label Studio on each request."""

from __future__ import annotations

import threading
from collections.abc import Callable

from flask import Flask, Response, request

from goldleaf.backend.protocol import Rejected
from goldleaf.core.errors import GoldleafError
from goldleaf.core.translations import LANGUAGES

TeamPage = Callable[[str], str]
"""Makes the page in a language, `en` or `zh`; a workflow that reads Label Studio hands it over."""


def add_team_route(app: Flask, team_page: TeamPage | None) -> None:
    """Add `/team?lang=zh` to an application, behind its login; 404 without a page.

    One page is made at a time: a second request waits, so that Label Studio is read once.
    """
    making = threading.Lock()

    def team() -> Response:
        lang = request.args.get("lang", "en")
        if team_page is None:
            raise Rejected(404, "no_team", "goldleaf up serves the team's page")
        if lang not in LANGUAGES:
            raise Rejected(422, "bad_lang", "lang is en or zh")
        try:
            with making:
                page = team_page(lang)
        except GoldleafError as error:
            raise Rejected(503, "no_label_studio", error.what) from None
        return Response(page, content_type="text/html; charset=utf-8")

    app.add_url_rule("/team", "team", team)
