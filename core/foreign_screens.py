"""The screens that other installed packages offer, by the names that profiles and recipes use."""

from __future__ import annotations

from goldleaf.core.plugins import load_entry_points

ROW_SCREENS, SET_SCREENS = "goldleaf.screens", "goldleaf.set_screens"
"""Entry points under which other packages offer screens; their verdicts are their own."""


def foreign_screens() -> list[str]:
    """Return the screens of other packages, as profiles and recipes name them.

    A screen on single records goes by the name of its entry point, one that compares records by
    each of its `SCREENS`.

    Raises:
        GoldleafError: a package that offers one cannot be loaded.
    """
    named = [point.name for point, _ in load_entry_points(ROW_SCREENS)]
    compared = (unit.SCREENS for _, unit in load_entry_points(SET_SCREENS, "SCREENS"))
    return [*named, *(name for names in compared for name in names)]
