"""Errors of a reading as messages: the path of every key, and the nearest name."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import yaml
from pydantic import ValidationError

from goldleaf.core.errors import UsageError
from goldleaf.core.nearest_name import nearest_or_all


def yaml_error(error: yaml.YAMLError, where: str) -> UsageError:
    """Return what keeps a text from being YAML, with its line."""
    mark = getattr(error, "problem_mark", None)
    at = f"{where}, line {mark.line + 1}" if mark else where
    problem = getattr(error, "problem", None) or str(error)
    return UsageError(f"Invalid YAML: {problem}.", where=at, fix="correct that line")


def reading_error(error: ValidationError, where: str, known: Sequence[str]) -> UsageError:
    """Return the errors of a reading's keys: each with its path, and one fix for the first.

    Args:
        error: what the reading's class found.
        where: the file.
        known: the keys there are.
    """
    problems: dict[str, str] = {}
    fixes: list[str] = []
    for found in error.errors():
        path = ".".join(str(part) for part in _path(found["loc"], known))
        if found["type"] == "extra_forbidden":
            problems[path] = f"{path}: there is no such key"
            fixes.append(nearest_or_all(path, known, "its keys are"))
        elif found["type"] == "value_error":
            message = found["msg"].removeprefix("Value error, ")
            problems[path] = f"{path}: {message}" if path else message
        else:
            problems.setdefault(path, f"{path}: {found['msg'].lower()}")
    fix = fixes[0] if fixes else "see docs/adopting.md for every key"
    return UsageError("; ".join(problems.values()), where=where, fix=fix)


def _path(loc: Iterable[int | str], known: Sequence[str]) -> list[int | str]:
    """Return a path without what pydantic adds for each kind of value that a key may have."""
    first, *rest = loc or [""]
    if first == "":
        return []
    kept = [part for part in rest if not _is_kind(part)] if first in known else rest
    return [first, *kept]


def _is_kind(part: int | str) -> bool:
    return isinstance(part, str) and part.startswith(("function-after", "list[", "literal[", "int"))
