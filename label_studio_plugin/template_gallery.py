"""The kinds as templates of Label Studio's gallery: a group of their own, in both languages."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import cache, wraps
from importlib.resources import files
from typing import Any

from goldleaf.core.translations import LANGUAGES
from goldleaf.label_configs.kind import Kind
from goldleaf.label_configs.registry import kinds
from goldleaf.label_configs.safe_html import guide_html
from goldleaf.label_studio_plugin.page_scripts import address
from goldleaf.label_studio_plugin.reader_language import reader_language

_log = logging.getLogger("goldleaf")
GROUP = "Alignment"
_ANY = "any_kind"
"""The picture of a kind that has none: one of another package."""


def wrap_list(original: Callable[..., Any]) -> Callable[..., Any]:
    """Wrap what answers `GET /api/templates`: `{"templates": [...], "groups": [...]}`.

    A kind of another package that fails leaves the gallery as it was.
    """

    @wraps(original)
    def list_templates(self: Any, request: Any, *args: Any, **kwargs: Any) -> Any:
        response = original(self, request, *args, **kwargs)
        theirs = response.data
        chinese = reader_language(request) == "zh"
        try:
            response.data = {
                **theirs,
                "templates": [*templates(chinese_first=chinese), *theirs["templates"]],
                "groups": [GROUP, *theirs["groups"]],
            }
        except Exception:
            _log.exception("goldleaf's templates are not in the gallery")
        return response

    return list_templates


@cache
def templates(chinese_first: bool = False) -> list[dict[str, Any]]:
    """Return a template for each kind and language, as Label Studio's gallery reads it."""
    languages = sorted(LANGUAGES, reverse=chinese_first)
    found = [(kind, lang) for lang in languages for kind in kinds().values()]
    return [
        {
            "title": kind.title(lang),
            "type": "community",
            "group": GROUP,
            "order": order,
            "image": _picture(kind),
            "details": guide_html(kind.guide(lang)),
            "config": kind.config(lang),
        }
        for order, (kind, lang) in enumerate(found, 1)
    ]


def _picture(kind: Kind) -> str:
    folder = files("goldleaf.label_studio_plugin").joinpath("pictures")
    name = f"{kind.name}.svg"
    return address(name if folder.joinpath(name).is_file() else f"{_ANY}.svg")
