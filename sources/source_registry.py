"""All sources there are."""

from __future__ import annotations

from functools import cache
from typing import cast

import goldleaf.sources as room
from goldleaf.core.plugins import get_plugin, load_all
from goldleaf.sources.source import Source

ENTRY_POINTS = "goldleaf.sources"
"""Another package offers a source here: the value is a module with what `Source` asks for."""


@cache
def sources() -> dict[str, Source]:
    """Return every source by name: the files of this package, then other packages' entry points.

    Raises:
        GoldleafError: two sources have one name, or another package's cannot be loaded.
    """
    return cast("dict[str, Source]", load_all(room, "QUESTIONS", ENTRY_POINTS))


def source_named(name: str) -> Source:
    """Return the source of that name.

    Raises:
        UsageError: there is none; the message lists those there are.
    """
    return get_plugin(sources(), name, f"source {name!r}")
