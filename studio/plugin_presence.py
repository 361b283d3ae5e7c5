"""Whether our plug-in is on in a Label Studio, seen from outside."""

from __future__ import annotations

import httpx

from goldleaf.studio.address import anonymous_client


def has_plugin(url: str) -> bool:
    """Return whether the Label Studio at an address serves the plug-in's scripts."""
    try:
        with anonymous_client(url, timeout=10) as http:
            return http.head("/goldleaf/hotkeys.js").status_code == 200
    except httpx.HTTPError:
        return False
