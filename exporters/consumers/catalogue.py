"""All consumers there are: the files of this folder that say what they read."""

from __future__ import annotations

from functools import cache
from typing import cast

import goldleaf.exporters.consumers as folder
from goldleaf.core.discovery import claim, modules, named
from goldleaf.exporters.consumers.consumer import Consumer


@cache
def consumers() -> dict[str, Consumer]:
    """Return every consumer by name."""
    found: dict[str, Consumer] = {}
    for _, module in modules(folder, packages=False):
        if hasattr(module, "READS"):
            unit = cast("Consumer", module)
            claim(found, unit.NAME, unit, "consumers")
    return found


def consumer_named(name: str) -> Consumer:
    """Return the consumer of that name.

    Raises:
        UsageError: there is none; the message lists those there are.
    """
    return named(consumers(), name, f"trainer {name!r} to check with")
