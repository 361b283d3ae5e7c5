"""Replace a folder in one step; recognise and recover work folders after a kill."""

from __future__ import annotations

import ctypes
import errno
import os
import shutil
import sys
from pathlib import Path

from goldleaf.core.errors import UsageError
from goldleaf.core.files import file_error, sync_dir, sync_file

MARK = ".goldleaf-work"
"""The file that marks a work folder as ours, not a user's folder of the same name."""

_BEFORE = "before"
"""In a work folder: the folder that is replaced, where two cannot be exchanged in one step."""
_AT_FDCWD = -100
_RENAME_EXCHANGE = 2


def publish(staged: Path, final: Path, work: Path) -> None:
    """Put the folder `staged` in the place of the folder `final`.

    On Linux the two are exchanged in one step, so `final` is never absent. Where the file system
    cannot do that, `final` is moved into `work` first; killed between the two renames, it is absent
    until `recover`. Either way the former folder is then inside `work`: `end_work` removes it.

    Args:
        staged: the new folder, inside `work`.
        final: what it becomes; may be absent.
        work: a work folder of ours on the same file system.

    Raises:
        GoldleafError: a file cannot be synced, or a folder cannot be renamed.
    """
    try:
        for folder, _, names in os.walk(staged):
            for name in names:
                sync_file(Path(folder, name))
            sync_dir(Path(folder))
        if not os.path.lexists(final):
            os.rename(staged, final)
        elif not exchange(staged, final):
            os.rename(final, work / _BEFORE)
            os.rename(staged, final)
        sync_dir(final.parent)
    except OSError as error:
        raise file_error(error, final) from error


def recover(final: Path, work: Path) -> None:
    """Put back the folder `final` after a `publish` that was killed between its two renames.

    The former folder is taken out of the work folder `work`; nothing happens where `final` exists
    or `work` holds none.
    """
    before = work / _BEFORE
    if is_work_folder(work) and before.is_dir() and not os.path.lexists(final):
        os.rename(before, final)


def exchange(one: Path, other: Path) -> bool:
    """Exchange two paths in one step; False where system or file system cannot.

    Raises:
        OSError: they could not be exchanged for another reason; a path is absent, for example.
    """
    if not sys.platform.startswith("linux"):
        return False
    try:
        rename = ctypes.CDLL(None, use_errno=True).renameat2
    except (OSError, AttributeError):
        return False
    places = (_AT_FDCWD, os.fsencode(one), _AT_FDCWD, os.fsencode(other))
    if rename(*places, _RENAME_EXCHANGE) == 0:
        return True
    number = ctypes.get_errno()
    if number in (errno.EINVAL, errno.ENOSYS, errno.ENOTSUP, errno.EPERM):
        return False
    raise OSError(number, os.strerror(number), str(other))


def start_work(work: Path) -> None:
    """Make an empty work folder of goldleaf, marked; what a killed run left there is removed.

    Raises:
        UsageError: something else has this name (`is_work_folder`).
    """
    end_work(work)
    work.mkdir()
    (work / MARK).touch()


def end_work(work: Path) -> None:
    """Remove a work folder of goldleaf with all that is in it; nothing happens where there is none.

    Raises:
        UsageError: something else has this name (`is_work_folder`).
    """
    if not os.path.lexists(work):
        return
    if not is_work_folder(work):
        fix = "move it away: goldleaf needs this name while it works"
        raise UsageError("This is not a work folder of goldleaf.", where=str(work), fix=fix)
    for path in work.iterdir():
        if path.name != MARK:  # last, so that the folder is known again if this is killed
            shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
    (work / MARK).unlink(missing_ok=True)
    work.rmdir()


def is_work_folder(work: Path) -> bool:
    """Return whether a folder is a work folder of goldleaf: it is marked, or empty.

    A link never is, nor what does not exist.
    """
    if work.is_symlink() or not work.is_dir():
        return False
    return (work / MARK).is_file() or not any(work.iterdir())
