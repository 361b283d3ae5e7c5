"""Which Label Studio is meant, and by what right we enter it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from goldleaf.core.errors import UsageError
from goldleaf.core.settings import Settings, load

if TYPE_CHECKING:
    from goldleaf.studio.client import Studio


def settings_of(
    data_dir: Path | None = None, url: str | None = None, lang: str | None = None
) -> Settings:
    """Return the settings with a command's flags on top."""
    return load({"data_dir": data_dir, "url": url, "lang": lang})


def open_studio(settings: Settings) -> Studio:
    """Return the Label Studio of the settings, else the one that `goldleaf up` runs.

    Raises:
        UsageError: none is named and none is kept in the data directory, or there is no token.
    """
    from goldleaf.studio.client import Studio
    from goldleaf.studio.embedded import kept_connection

    url, token = settings.url, settings.token
    kept = kept_connection(settings.state)
    if kept and (not url or url.rstrip("/") == kept.url):
        url, token = kept.url, token or kept.token
    if not url:
        raise UsageError(
            "No Label Studio is named.",
            where=str(settings.state.path),
            fix="run goldleaf up, or give --url and set GOLDLEAF_TOKEN",
        )
    if not token:
        raise UsageError(
            "There is no token for this Label Studio.",
            where=url,
            fix="set GOLDLEAF_TOKEN to a token from Account & Settings in Label Studio",
        )
    return Studio(url, token)
