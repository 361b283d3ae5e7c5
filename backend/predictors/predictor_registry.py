"""All predictors there are, by name."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import cast

import goldleaf.backend.predictors as room
from goldleaf.backend.predictors.predictor import Predictor
from goldleaf.core.plugins import get_plugin, load_entry_points, modules, register

ENTRY_POINTS = "goldleaf.predictors"
"""Another package offers a predictor here: the value is a module or object like `rules`."""


@cache
def predictors() -> dict[str, Predictor]:
    """Return every predictor by name: the files of this room, then other packages' entry points.

    A file of this room is a predictor when it says its NAME; the rest is the room's machinery.

    Raises:
        GoldleafError: two have the same name.
    """
    found: dict[str, Predictor] = {}
    for _, module in modules(room, packages=False):
        if hasattr(module, "NAME"):
            predictor = cast("Predictor", module)
            register(found, predictor.NAME, predictor, module.__name__)
    for point, unit in load_entry_points(ENTRY_POINTS):
        register(found, point.name, cast("Predictor", unit), point.value)
    return found


def predictor_named(name: str) -> Predictor:
    """Return the predictor of that name.

    Raises:
        UsageError: there is none; the message lists those there are.
    """
    return get_plugin(predictors(), name, f"predictor {name!r}")


def open_predictor(
    name: str, models: Path, *, apart: bool = False, patient: bool = False
) -> Predictor:
    """Return the predictor of that name, with what it learned in the folder `models` if it learns.

    The folder need not exist yet: the predictor then has learned nothing.

    Args:
        name: of a predictor, or `package.module:Class` of a model for label-studio-ml.
        models: the folder.
        apart: run a model for label-studio-ml in a process of its own, which `close` ends.
        patient: wait for all that it drafts there, not only as long as Label Studio does.

    Raises:
        UsageError: there is none, or the class cannot be loaded.
    """
    if ":" in name:
        from goldleaf.backend.label_studio_ml.foreign_model import WAIT, ForeignModel

        return ForeignModel(name, models, apart=apart, seconds=None if patient else WAIT)
    predictor = predictor_named(name)
    opened = getattr(predictor, "opened", None)
    return cast("Predictor", opened(models)) if opened else predictor
