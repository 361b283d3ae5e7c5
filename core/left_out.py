"""Packages kept from being imported where a library asks for more than it needs."""

from __future__ import annotations

import sys
from collections.abc import Generator
from contextlib import contextmanager


@contextmanager
def left_out(*names: str) -> Generator[None]:
    """Have packages look as if they were not installed, while the block imports others.

    Those that are imported already stay. Whoever imports one after the block gets it.

    Args:
        names: of packages that what the block imports does without.
    """
    absent = [name for name in names if name not in sys.modules]
    sys.modules.update(dict.fromkeys(absent))  # type: ignore[arg-type]  # None: "not there"
    try:
        yield
    finally:
        for name in absent:
            sys.modules.pop(name, None)
