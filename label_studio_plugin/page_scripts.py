"""Our scripts in every page of Label Studio, and the addresses of our files."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial
from importlib.resources import files
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

SCRIPTS = ("hotkeys.js", "edit_marks.js", "labelling_status.js")
"""Files and no inline scripts: Label Studio's content security policy then needs no exception."""
_FOLDER = "goldleaf"
_TYPES = {".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}


def address(name: str) -> str:
    """Return where a page finds one of our files: a path, so on the host that it came from.

    `LABEL_STUDIO_HOST` may have a path, below which a proxy serves Label Studio.
    """
    from django.conf import settings

    return f"{(settings.FORCE_SCRIPT_NAME or '').rstrip('/')}/{_FOLDER}/{name}"


def routes() -> list[Any]:
    """Return the routes of our scripts and pictures; each file is read now, once."""
    from django.urls import path

    here = files("goldleaf.label_studio_plugin")
    found = [here.joinpath(name) for name in SCRIPTS]
    found += [each for each in here.joinpath("pictures").iterdir() if each.name.endswith(".svg")]
    return [
        path(f"{_FOLDER}/{file.name}", partial(_served, file.read_bytes(), file.name))
        for file in found
    ]


def _served(body: bytes, name: str, request: HttpRequest) -> HttpResponse:
    from django.http import HttpResponse

    kind = _TYPES[name[name.rindex(".") :]]
    return HttpResponse(body, headers={"Content-Type": kind, "Cache-Control": "no-cache"})


@cache
def _tags() -> bytes:
    scripts = "".join(f'<script src="{address(name)}"></script>' for name in SCRIPTS)
    return f"{scripts}</head>".encode()


class PageScripts:
    """A Django middleware that names the scripts in the head of every HTML page."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Return Label Studio's response, with our scripts in it where it is a whole page."""
        from goldleaf.label_studio_plugin.switch import is_on

        response = self.get_response(request)
        page = response.get("Content-Type", "").startswith("text/html")
        if is_on() and page and not response.streaming:
            response.content = response.content.replace(b"</head>", _tags(), 1)
        return response
