"""The version of a data directory's layout: written into it, upgraded from older ones.

This is the one place that says what a data directory looks like. Whoever changes the form of what
is kept there raises `SCHEMA_VERSION` and adds the step that brings an older directory up to it.

1. Learned models of format 1; no file says the version.
2. Learned models of format 2, several versions of each with a description of its own.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

from goldleaf.core.errors import GoldleafError, UsageError
from goldleaf.core.files import read_small, write_atomically
from goldleaf.core.json_depth import loads
from goldleaf.core.json_values import object_or_empty

SCHEMA_VERSION = 2
VERSION_FILE = "schema.json"
_FIRST = 1
"""The version of a directory that does not say one."""


def _forget_models_of_format_1(folder: Path) -> None:
    """Remove models that are no longer read; they are learned anew from Label Studio's answers."""
    for pointer in sorted(folder.glob("models/*/current.json")):
        described = _object(pointer)
        if object_or_empty(described.get("header")).get("format") == 1:
            for file in pointer.parent.glob("model-*"):
                file.unlink(missing_ok=True)
            pointer.unlink(missing_ok=True)  # last: a killed upgrade begins again


_UPGRADES: Mapping[int, Callable[[Path], None]] = {1: _forget_models_of_format_1}
"""Version -> the step to the next; killed and repeated, a step has the same effect."""


def schema_version(folder: Path) -> int:
    """Return the version of a data directory; 1 where it does not say, also of an empty one.

    Raises:
        UsageError: the file that says it is damaged, or cannot be read.
    """
    file = folder / VERSION_FILE
    if not file.is_file():
        return _FIRST
    found = _object(file).get("schema")
    if not isinstance(found, int) or isinstance(found, bool) or found < _FIRST:
        raise UsageError("This file is damaged.", where=str(file), fix="delete it and run again")
    return found


def check_not_newer(found: int, where: Path) -> None:
    """Raise where version `found`, of the directory or backup `where`, is newer than this program.

    Raises:
        UsageError: it is.
    """
    if found > SCHEMA_VERSION:
        raise UsageError(
            f"This was written by a newer goldleaf: schema {found}, this one reads up to "
            f"{SCHEMA_VERSION}.",
            where=str(where),
            fix="install that version (pip install --upgrade goldleaf), or name another place",
        )


def upgrade(folder: Path) -> bool:
    """Bring a data directory up to `SCHEMA_VERSION` and write that into it.

    Returns whether it was an older one, or did not say its version. Killed in between, it begins
    again.

    Raises:
        UsageError: a newer goldleaf wrote it.
        GoldleafError: a file cannot be changed.
    """
    found = schema_version(folder)
    check_not_newer(found, folder)
    if found == SCHEMA_VERSION:
        return False
    for version in range(found, SCHEMA_VERSION):
        _UPGRADES[version](folder)
    content = json.dumps({"schema": SCHEMA_VERSION}) + "\n"
    write_atomically(folder / VERSION_FILE, content.encode(), mode=0o600)
    return True


def _object(file: Path) -> Mapping[str, object]:
    """Return the JSON object of a file, {} where it is damaged or missing."""
    with suppress(ValueError, GoldleafError):
        return object_or_empty(loads(read_small(file)))
    return {}
