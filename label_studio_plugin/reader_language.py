"""The language of the browser that asks."""

from __future__ import annotations

from typing import Any


def reader_language(request: Any) -> str:
    """Return `zh` for a browser in Chinese, "" for others: then the settings say."""
    return "zh" if request.headers.get("Accept-Language", "").casefold().startswith("zh") else ""
