"""All row screens, built-in and of other packages."""

from __future__ import annotations

from functools import cache
from typing import cast

import goldleaf.curation.screens as room
from goldleaf.core.foreign_screens import ROW_SCREENS
from goldleaf.core.plugins import load_all
from goldleaf.curation.screens.screen import Screen


@cache
def row_screens() -> dict[str, Screen]:
    """Return every row screen by name: the files of this folder, then entry points."""
    return {name: cast("Screen", m) for name, m in load_all(room, "screen", ROW_SCREENS).items()}
