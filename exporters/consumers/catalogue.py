"""All consumers there are: the files of this folder that say what they read."""

from __future__ import annotations

from functools import cache
from typing import cast

import goldleaf.exporters.consumers as folder
from goldleaf.core.plugins import collected, named
from goldleaf.exporters.consumers.consumer import Consumer


@cache
def consumers() -> dict[str, Consumer]:
    """Return every consumer by name."""
    return cast("dict[str, Consumer]", collected(folder, "READS"))


def consumer_named(name: str) -> Consumer:
    """Return the consumer of that name.

    Raises:
        UsageError: there is none; the message lists those there are.
    """
    return named(consumers(), name, f"trainer {name!r} to check with")
