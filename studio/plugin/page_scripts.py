"""Puts our scripts into every page of Label Studio, each from an address of its own."""

from __future__ import annotations

from collections.abc import Callable
from importlib.resources import files
from typing import TYPE_CHECKING

from django.http import HttpResponse

if TYPE_CHECKING:
    from django.http import HttpRequest

SCRIPTS = ("hotkeys.js", "edit_marks.js")
"""Files and no inline scripts: Label Studio's content security policy then needs no exception."""
_ADDRESS = "/goldleaf/"
_TAGS = "".join(f'<script src="{_ADDRESS}{name}"></script>' for name in SCRIPTS)


class PageScripts:
    """A Django middleware; the last in the list, so that lengths are counted behind it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        folder = files("goldleaf.studio.plugin")
        self.scripts = {_ADDRESS + name: folder.joinpath(name).read_bytes() for name in SCRIPTS}

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer the scripts' addresses, and name them in the head of every HTML page."""
        if script := self.scripts.get(request.path):
            headers = {"Content-Type": "text/javascript; charset=utf-8"}
            return HttpResponse(script, headers=headers | {"Cache-Control": "no-cache"})
        response = self.get_response(request)
        page = response.get("Content-Type", "").startswith("text/html")
        if page and not response.streaming:
            tags = f"{_TAGS}</head>".encode()
            response.content = response.content.replace(b"</head>", tags, 1)
        return response
