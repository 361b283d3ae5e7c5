"""A fix for a name that is not known: the nearest one, or all there are."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


def nearest_or_all(name: str, known: Iterable[str], what: str) -> str:
    """Return a fix for an unknown name: the nearest known name, or a list of all.

    >>> nearest_or_all("totl", ["total", "core"], "its keys are")
    "did you mean 'total'?"
    >>> nearest_or_all("x", ["total", "core"], "its keys are")
    'its keys are: total, core'
    """
    names = list(known)
    near = difflib.get_close_matches(name, names, 1)
    return f"did you mean {near[0]!r}?" if near else f"{what}: {', '.join(names)}"
