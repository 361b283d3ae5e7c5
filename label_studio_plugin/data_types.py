"""Which data a labeling config shows, worked out once for each config.

Label Studio parses a project's labeling config, in Python, whenever it reads the project from its
database: several times in each request.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

KEPT = 256
"""Labeling configs remembered, those used last."""


def wrap_data_types(original: Callable[..., dict[str, str]]) -> Callable[..., dict[str, str]]:
    """Wrap `extract_data_types`, which depends on nothing but the text of the labeling config."""
    known = lru_cache(maxsize=KEPT)(original)

    def data_types(label_config: str | None) -> dict[str, str]:
        return dict(known(label_config))  # the project's own, to be changed as it likes

    return data_types
