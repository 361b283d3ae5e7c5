"""Exclusive locks on files; the system releases them when the process dies, by `kill -9` too.

No library: `filelock` takes 60 ms to import and cannot lock another user's file that we may only
read, nor a descriptor; `portalocker` takes 150 ms.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from importlib import import_module
from pathlib import Path
from typing import Any

from goldleaf.core.errors import UsageError


def _if_there(module: str) -> Any:
    try:
        return import_module(module)
    except ImportError:
        return None


_fcntl, _msvcrt = _if_there("fcntl"), _if_there("msvcrt")

CLOSED_BEFORE_RENAME = _fcntl is None
"""Whether the system refuses to rename or remove a file that a process has open, as Windows does.

Then an open file needs no lock to be known as in use.
"""
BINARY: int = getattr(os, "O_BINARY", 0)
"""For `os.open`: Windows would turn line feeds into two characters."""
_POLL = 0.1
"""Seconds between two looks at a lock that another process holds."""
_ROUNDS = 1000
"""How often a lock file that was removed meanwhile is opened anew: some network drives never give
an open file and its name the same number."""


def try_lock(handle: int, *, shared: bool = False) -> bool:
    """Lock an open file; False where another process, or another opening of it, holds the lock.

    Never waits. The lock ends when the file is closed. Where Python has neither `flock` nor
    `msvcrt` (in a browser) no other process exists, and the result is True.

    Args:
        handle: a file descriptor.
        shared: whether others may hold it too, if they ask for a shared one. Windows has no such
            lock, nothing is locked there; and it moves no folder in which a file is open.

    Raises:
        OSError: the file system has no locks.
    """
    try:
        if _fcntl is not None:
            mode = _fcntl.LOCK_SH if shared else _fcntl.LOCK_EX
            _fcntl.flock(handle, mode | _fcntl.LOCK_NB)
        elif _msvcrt is not None and not shared:
            os.lseek(handle, 0, os.SEEK_SET)
            _msvcrt.locking(handle, _msvcrt.LK_NBLCK, 1)
    except (BlockingIOError, PermissionError):
        return False
    return True


@contextmanager
def locked(
    path: Path,
    *,
    waiting: Callable[[], None] | None = None,
    shared: bool = False,
    removed: bool = False,
) -> Generator[None]:
    """Take a lock on the file `path`, exclusive or shared; it is released even if the process dies.

    Args:
        path: the file; made, with its folders, where there is none.
        waiting: called once where another process holds the lock, which is then waited for.
        shared: as for `try_lock`.
        removed: whether the file is removed at the end, as far as the system lets us: then all who
            lock it must say so, and none by `shared`.

    Raises:
        UsageError: another process holds it, and `waiting` is None.
        OSError: the file cannot be made or opened, or the file system has no locks.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = _held(path, waiting, shared=shared)
    rounds = _ROUNDS if removed and not CLOSED_BEFORE_RENAME else 0
    while rounds and not _is_at(handle, path):  # its holder removed it after we had opened it
        os.close(handle)
        handle = _held(path, waiting, shared=shared)
        rounds -= 1
    try:
        yield
    finally:
        if removed and not CLOSED_BEFORE_RENAME:
            # While it is locked: whoever opened it meanwhile sees that it is gone, and opens anew.
            with suppress(OSError):
                path.unlink()
        os.close(handle)
        if removed and CLOSED_BEFORE_RENAME:  # refused while another process has it open
            with suppress(OSError):
                path.unlink()


def _held(path: Path, waiting: Callable[[], None] | None, *, shared: bool) -> int:
    """Return the file, open and locked; arguments and errors as for `locked`."""
    handle = _open(path)
    try:
        if not try_lock(handle, shared=shared):
            if waiting is None:
                fix = "wait for it to end, or choose another place"
                what = "Another goldleaf process is running here."
                raise UsageError(what, where=str(path), fix=fix)
            waiting()
            while not try_lock(handle, shared=shared):
                time.sleep(_POLL)
    except BaseException:
        os.close(handle)
        raise
    return handle


def _is_at(handle: int, path: Path) -> bool:
    """Return whether an open file is still the one of this name."""
    try:
        return os.path.samestat(os.fstat(handle), path.stat())
    except OSError:
        return False


def _open(path: Path) -> int:
    try:
        return os.open(path, os.O_RDWR | os.O_CREAT | BINARY, 0o666)
    except PermissionError:  # another user's lock file, in a shared folder
        return os.open(path, os.O_RDONLY | BINARY)
