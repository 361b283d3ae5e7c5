"""Validation errors of a recipe as messages with the path of the key, the file and a suggestion."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, get_origin

from pydantic import BaseModel, ValidationError

from goldleaf.core.errors import UsageError
from goldleaf.core.nearest_name import nearest_or_all
from goldleaf.core.screen_verdicts import allowed
from goldleaf.recipes.inheritance import EXTENDS, Origins
from goldleaf.recipes.names import RECIPE_ERROR
from goldleaf.recipes.recipe import Recipe
from goldleaf.recipes.shares import Share, Shares

SHIPPED = "see the shipped recipes"
_ABOVE = re.compile(r"(\w+) \S+ is above (\w+) \S+$")
"""Two bounds in the wrong order (`sections.in_order`, `shares.Share`)."""


def recipe_usage_error(error: ValidationError, where: str, origins: Origins) -> UsageError:
    """Return the first validation error of a recipe as a message with key, file, line and fix.

    Args:
        error: what the recipe's classes found.
        where: the recipe that was asked for.
        origins: file and line of each value, which may be in a recipe that it extends.
    """
    first, *_ = found = error.errors()
    own = first.get("ctx", {}) if first["type"] == RECIPE_ERROR else {}
    loc = own.get("path") or _keys_of(first["loc"])
    path = ".".join(loc)
    where = _origin(loc, where, origins)
    if own:
        return UsageError(f"{path}: {own['what']}", where=where, fix=own["fix"])
    if first["type"] == "extra_forbidden":
        *parents, key = loc
        known = _known(parents)
        fix = nearest_or_all(key, known, "its keys are")
        return UsageError(f"{path}: there is no such key.", where=where, fix=fix)
    if first["type"] == "value_error":  # the message names what clashes
        message = first["msg"].removeprefix("Value error, ")
        if not path:  # a check of the whole recipe names its section first
            where = _origin(message.partition(":")[0].split("."), where, origins)
        message = f"{path}: {message}" if path else message
        return UsageError(message, where=where, fix=_in_order(message))
    same = [other["msg"] for other in found if _keys_of(other["loc"]) == loc]
    message = " or ".join([same[0], *(text.removeprefix("Input should be ") for text in same[1:])])
    given = f", not {_short(first['input'])}" if path else ""
    message = f"{path or 'the whole recipe'}: {message}{given}"
    return UsageError(message, where=where, fix=_below(loc, first["type"], first["input"]))


def _in_order(message: str) -> str:
    """Return a fix for a clash: for two bounds in the wrong order, what to do with each."""
    bounds = _ABOVE.search(message)
    return f"lower {bounds[1]} or raise {bounds[2]}; swap them if mixed up" if bounds else SHIPPED


def _below(loc: Sequence[str], kind: str, given: object) -> str:
    """Return a fix for a value of a wrong kind: for a section, what is written below its key."""
    if kind not in ("dict_type", "model_type"):
        return SHIPPED
    if tuple(loc) == ("screens",):
        action = given if given in (*allowed(""), "profile") else "profile"
        return f"write screens: {{all: {action}}}"
    known = _known(loc) if loc else []
    return f"its keys are: {', '.join(known)}" if known else SHIPPED


def _keys_of(loc: Sequence[object]) -> tuple[str, ...]:
    """Return the path of a key without what pydantic adds for each kind of value it may have."""
    model: type[BaseModel] | None = Recipe
    kept: list[str] = []
    for part in loc:
        if model is not None:
            kept.append(str(part))
            field = model.model_fields.get(str(part))
            model = _part(field.annotation) if field else None
        elif isinstance(part, int) or not _is_kind(str(part)):
            kept.append(str(part))
    return tuple(kept)


def _is_kind(part: str) -> bool:
    """Return whether pydantic names a kind of value here: `int`, `literal['auto']`, `Core`."""
    return part.startswith(("literal[", "list[", "constrained-")) or part in ("int", "none", "str")


def _origin(loc: Sequence[str], where: str, origins: Origins) -> str:
    """Return the file and line of a value, or of the nearest key around it."""
    for end in range(len(loc), 0, -1):
        if found := origins.get(tuple(loc[:end])):
            return found
    return where


def _known(parents: Sequence[str]) -> list[str]:
    model: type[BaseModel] = Recipe
    entry = False
    for name in parents:
        if entry:  # a name that the user chose; all such entries have one class
            entry = False
            continue
        field = model.model_fields.get(name)
        own = Share if issubclass(model, Shares) else None
        part = _part(field.annotation) if field else own
        if part is None:
            return []
        model, entry = part, field is not None and get_origin(field.annotation) is dict
    return [*model.model_fields, *([] if parents else [EXTENDS])]


def _part(annotation: Any) -> type[BaseModel] | None:
    """Return the class of a key that may also be left out (`Core | None`)."""
    choices = getattr(annotation, "__args__", (annotation,))
    parts = (c for c in choices if isinstance(c, type) and issubclass(c, BaseModel))
    return next(parts, None)


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 80 else text[:79] + "…"
