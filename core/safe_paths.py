"""Files inside a folder that others may have filled: plain files there, and nothing elsewhere."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from goldleaf.core.errors import UsageError
from goldleaf.core.files import file_error


def inside(folder: Path, name: str) -> Path:
    """Return the path of the plain file `name` of a folder.

    Args:
        folder: may itself be reached through a link.
        name: a relative path; none of its parts may be a link, wherever that leads.

    Raises:
        UsageError: it is missing, is no plain file, has a link on the way, or leads out by `..`.
    """
    path, mode = folder, 0
    try:
        for part in Path(name).parts:
            if part in ("..", "/"):
                raise UsageError("This path leads out of the folder.", where=str(folder / name))
            path = path / part
            mode = os.lstat(path).st_mode
            if stat.S_ISLNK(mode):
                fix = "copy the folder with what its links point to: cp -rL"
                raise UsageError("A link is not followed here.", where=str(path), fix=fix)
    except OSError as error:
        raise file_error(error, path) from None
    if not stat.S_ISREG(mode):
        raise UsageError("This is not a plain file.", where=str(path), fix="remove it")
    return path


def files_inside(folder: Path) -> Iterator[tuple[str, bool]]:
    """Yield (path inside the folder, whether it is a plain file) of everything but folders.

    Subfolders are searched. Links are yielded (with False) and not followed. A folder that is
    absent or may not be read yields nothing.
    """
    for place, folders, names in os.walk(folder):
        for name in sorted((*folders, *names)):
            path = Path(place, name)
            mode = os.lstat(path).st_mode
            if not stat.S_ISDIR(mode):
                yield str(path.relative_to(folder)), stat.S_ISREG(mode)
