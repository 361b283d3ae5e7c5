"""All screens that compare records, built-in and of other packages."""

from __future__ import annotations

from functools import cache
from typing import cast

import goldleaf.curation.set_screens as room
from goldleaf.core.foreign_screens import SET_SCREENS
from goldleaf.core.plugins import load_all
from goldleaf.curation.set_screens.set_screen import SetScreen


@cache
def set_screens() -> dict[str, SetScreen]:
    """Return every such screen by name: the files of this folder, then entry points."""
    found = load_all(room, "run", SET_SCREENS)
    return {name: cast("SetScreen", module) for name, module in found.items()}
