"""Puts `hotkeys.js` into every page of Label Studio, from an address of its own."""

from __future__ import annotations

from collections.abc import Callable
from importlib.resources import files
from typing import TYPE_CHECKING

from django.http import HttpResponse

if TYPE_CHECKING:
    from django.http import HttpRequest

ADDRESS = "/goldleaf/hotkeys.js"
"""A file and no inline script: Label Studio's content security policy then needs no exception."""
_TAG = f'<script src="{ADDRESS}"></script></head>'.encode()


class Keys:
    """A Django middleware; the last in the list, so that lengths are counted behind it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.script = files("goldleaf.studio.plugin").joinpath("hotkeys.js").read_bytes()

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer the address of the hotkeys' script, and name it in the head of every HTML page."""
        if request.path == ADDRESS:
            headers = {"Content-Type": "text/javascript; charset=utf-8"}
            return HttpResponse(self.script, headers=headers | {"Cache-Control": "no-cache"})
        response = self.get_response(request)
        page = response.get("Content-Type", "").startswith("text/html")
        if page and not response.streaming:
            response.content = response.content.replace(b"</head>", _TAG, 1)
        return response
