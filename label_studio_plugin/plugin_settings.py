"""Where goldleaf keeps its state inside a Label Studio: above all the key of the pseudonyms."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from goldleaf.core.data_dir import DataDir
from goldleaf.core.settings import Settings, load

_KEY = "pseudonyms"


def plugin_settings() -> Settings:
    """Return the settings of this process, with the data directory that goldleaf has here.

    The one that `GOLDLEAF_DATA_DIR` or `goldleaf.toml` names, as under `goldleaf up`. Else the
    folder `goldleaf` next to Label Studio's own database, which outlives its container; or the
    default one of goldleaf's commands where that already has a key and this has none, so that
    pseudonyms stay comparable.

    Raises:
        UsageError: a setting is unknown or not valid.
    """
    from django.conf import settings as theirs

    settings = load()
    if "data_dir" in settings.origins:
        return settings
    own = DataDir(Path(theirs.BASE_DATA_DIR) / "goldleaf")
    if not own.secret(_KEY) and settings.state.secret(_KEY):
        return settings
    return replace(settings, data_dir=own.path)
