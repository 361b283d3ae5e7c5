"""Cache of parsed labeling configs, which every request carries."""

from __future__ import annotations

from functools import lru_cache

from goldleaf.core.errors import BadRow
from goldleaf.label_configs.kind import Kind
from goldleaf.label_configs.registry import recognise_or_refuse
from goldleaf.label_configs.screen import Screen, parse

KEPT = 64
"""Configs remembered, the latest used; with the largest allowed that is 16 MB."""


@lru_cache(maxsize=KEPT)
def kind_and_screen(config: str) -> tuple[Kind, Screen]:
    """Return the kind and the parsed screen of a labeling config.

    Raises:
        BadRow: `unknown_kind`, `config_not_xml`, `config_too_large`, or `unknown_to_name`: a
            control belongs to no object of the config, so no draft for it could be shown. Errors
            are not cached.
    """
    kind, screen = recognise_or_refuse(config), parse(config)
    for control in screen.dangling():
        detail = f"{control.name}: there is no object {control.to_name[:100]!r}"
        raise BadRow("unknown_to_name", detail)
    return kind, screen
