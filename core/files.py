"""Files that are either old or new, never between: temporary name, fsync, rename."""

from __future__ import annotations

import errno
import fcntl
import os
import shutil
import tempfile
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from goldleaf.core.errors import GoldleafError, UsageError

_FULL = {errno.ENOSPC, errno.EDQUOT}


def explained(error: OSError, path: Path) -> GoldleafError:
    """Turn an operating system error about `path` into one a person can act on."""
    if error.errno in _FULL:
        fix = "free some space and run the same command again; nothing was half-published"
        return GoldleafError("The disk is full.", where=str(path), fix=fix)
    if isinstance(error, PermissionError):
        return UsageError("No permission.", where=str(path), fix="choose a place you may write to")
    if isinstance(error, FileNotFoundError):
        return UsageError("No such file.", where=str(path), fix="check the path")
    if isinstance(error, IsADirectoryError):
        return UsageError("This is a folder, not a file.", where=str(path), fix="name a file")
    return GoldleafError(error.strerror or str(error), where=str(path))


def sync_dir(folder: Path) -> None:
    """Make renames inside `folder` durable."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def replacing(path: Path, *, mode: int = 0o644) -> Generator[BinaryIO]:
    """Yield a file that becomes `path` when the block ends well, and vanishes when it does not.

    Raises:
        GoldleafError: the disk is full or the folder cannot be written; `path` is as it was.
    """
    temporary = ""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        with os.fdopen(handle, "wb") as file:
            yield file
            file.flush()
            os.fchmod(file.fileno(), mode)
            os.fsync(file.fileno())
        os.replace(temporary, path)
        temporary = ""
        sync_dir(path.parent)
    except OSError as error:
        raise explained(error, path) from error
    finally:
        if temporary:
            with suppress(FileNotFoundError):
                os.unlink(temporary)


def write_atomically(path: Path, content: bytes, *, mode: int = 0o644) -> None:
    """Write `content` to `path`, whole or not at all."""
    with replacing(path, mode=mode) as file:
        file.write(content)


def publish(staged: Path, final: Path) -> None:
    """Put the folder `staged` in the place of the folder `final`; both share a parent.

    Readers see the old folder or the new one. Killed between the two renames, `final` is absent and
    the old folder stands beside it under the name `recover` looks for.
    """
    aside = _aside(final)
    try:
        for folder, _, names in os.walk(staged):
            for name in names:
                with open(Path(folder, name), "rb") as file:
                    os.fsync(file.fileno())
            sync_dir(Path(folder))
        shutil.rmtree(aside, ignore_errors=True)
        if final.exists():
            os.rename(final, aside)
        os.rename(staged, final)
        sync_dir(final.parent)
        shutil.rmtree(aside, ignore_errors=True)
    except OSError as error:
        raise explained(error, final) from error


def recover(final: Path) -> None:
    """Undo a `publish` that was killed between its two renames."""
    aside = _aside(final)
    if aside.exists() and not final.exists():
        os.rename(aside, final)
    shutil.rmtree(aside, ignore_errors=True)


def _aside(final: Path) -> Path:
    return final.parent / f".{final.name}.before"


@contextmanager
def locked(path: Path) -> Generator[None]:
    """Hold an exclusive lock on the file `path`; it is released even if the process dies.

    Raises:
        UsageError: another process holds it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "a", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            fix = "wait for it to end, or choose another place"
            raise UsageError(
                "Another goldleaf is at work here.", where=str(path), fix=fix
            ) from None
        yield
