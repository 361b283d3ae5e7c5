"""A class that was written for label-studio-ml, by its path."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from goldleaf.core.errors import UsageError


def load_model_class(path: str) -> type[Any]:
    """Return the class that `package.module:Class` names.

    Raises:
        UsageError: it cannot be imported, whatever its import raises, or has no `predict`.
    """
    module, _, name = path.partition(":")
    try:
        found = getattr(import_module(module), name)
    except Exception as error:  # its import is third-party code
        raise UsageError(
            f"The model {path} cannot be loaded: {one_line(error)}",
            fix="install its package and what it imports here, or name its folder in PYTHONPATH",
        ) from None
    if not isinstance(found, type) or not callable(getattr(found, "predict", None)):
        raise UsageError(
            f"{path} is not a class with predict, as label-studio-ml has it.",
            fix="name the class, such as model:MyModel",
        )
    return found


def one_line(error: Exception) -> str:
    """Return the kind and the text of an error, in one line."""
    text = " ".join(str(error).split())[:300]
    return f"{type(error).__name__}: {text}" if text else type(error).__name__
