"""Which behaviours an example shows: those it was tagged with, and those its structure tells.

The second are looked for here, too, because an annotator may have changed what was imported, and
because a conversation may have become several examples.
"""

from __future__ import annotations

from functools import cache

from goldleaf.core.records import BEHAVIOURS, Record
from goldleaf.sources.structural_tags import behaviours

_BITS = {name: 1 << place for place, name in enumerate(BEHAVIOURS)}


@cache
def mask(names: tuple[str, ...]) -> int:
    """Return behaviours as a bit mask; a name outside the vocabulary has no bit."""
    bits = 0
    for name in names:
        bits |= _BITS.get(name, 0)
    return bits


def shown(example: Record) -> int:
    """Return the behaviours of an example as a bit mask."""
    return mask(example.tags.behaviours) | mask(behaviours(example))
