"""Atomic file writes: temporary name, fsync, rename."""

from __future__ import annotations

import errno
import os
import stat
import sys
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from goldleaf.core.errors import GoldleafError, UsageError
from goldleaf.core.file_lock import BINARY, CLOSED_BEFORE_RENAME, try_lock

_FULL = {errno.ENOSPC, errno.EDQUOT}
_ENDING = ".goldleaf-tmp"
"""Ends the name of every temporary file, so that what a killed run left is known again."""

_STREAMS = (os.devnull, "/dev/zero", "/dev/full")
"""Devices that may be written to like a file."""
_TERMINALS = {4, 5, *range(136, 144)}
"""Major numbers of terminals on Linux."""
_NEW = os.O_RDWR | os.O_CREAT | os.O_EXCL | BINARY
# Opening shall not wait for a reader, take a terminal, or follow a link; Windows has none of these.
_NO_WAIT: int = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0)
_NO_LINK: int = getattr(os, "O_NOFOLLOW", 0)


def file_error(error: OSError, path: Path) -> GoldleafError:
    """Turn an operating system error about `path` into one a person can act on.

    A `UsageError` where another path, or other permissions, would do; a plain `GoldleafError` for a
    full disk and what is not recognised. It is returned, not raised.
    """
    if error.errno in _FULL:
        fix = "free some space and run the same command again; nothing was half-published"
        return GoldleafError("The disk is full.", where=str(path), fix=fix)
    if error.errno == errno.EFBIG:
        fix = "write to another disk, or raise the limit (ulimit -f)"
        return GoldleafError("The file is larger than may be written.", where=str(path), fix=fix)
    if isinstance(error, PermissionError) or error.errno == errno.EROFS:
        return UsageError("No permission.", where=str(path), fix="choose a place you may write to")
    if isinstance(error, FileNotFoundError):
        return UsageError("No such file.", where=str(path), fix="check the path")
    if isinstance(error, IsADirectoryError):
        return UsageError("This is a folder, not a file.", where=str(path), fix="name a file")
    if isinstance(error, NotADirectoryError | FileExistsError):
        fix = "name a path whose folders are folders"
        return UsageError("A part of this path is a file.", where=str(path), fix=fix)
    if error.errno == errno.ELOOP:
        fix = "remove one of the links, or name the file itself"
        return UsageError("These links lead in a circle.", where=str(path), fix=fix)
    if error.errno == errno.ENAMETOOLONG:
        return UsageError("This name is too long.", where=str(path), fix="choose a shorter one")
    return GoldleafError(error.strerror or str(error), where=str(path))


def check_readable(path: Path) -> Path:
    """Return `path` if it is a file that can be read twice and ends: no pipe, device or folder.

    Links are followed. The file is not opened.

    Raises:
        UsageError: it is something else, or does not exist.
    """
    _refuse_nul(path)
    try:
        mode = os.stat(path).st_mode
    except OSError as error:
        raise file_error(error, path) from None
    if stat.S_ISDIR(mode):
        what = "This is a folder, not a file."
        raise UsageError(what, where=str(path), fix=_files_to_name(path))
    if not stat.S_ISREG(mode):
        fix = "write its content to a file and name that one"
        raise UsageError("This is a pipe or a device, not a file.", where=str(path), fix=fix)
    return path


_OFFERED = 5
"""Files of a folder that a message names."""


def _files_to_name(folder: Path) -> str:
    """Return what to name instead of a folder: its records where it has some, else its files."""
    try:
        names = sorted(path.name for path in folder.iterdir() if path.is_file())
    except OSError:
        names = []
    shown = [name for name in names if not name.startswith(".")]
    if "records.jsonl" in shown:
        return f"name the file in it: {folder / 'records.jsonl'}"
    listed = ", ".join(str(folder / name) for name in shown[:_OFFERED])
    if len(shown) > _OFFERED:
        return f"name the files in it: {listed} and {len(shown) - _OFFERED} more"
    return f"name the files in it: {listed}" if shown else "name a file"


def read_small(path: Path, most: int = 2**24) -> bytes:
    """Return the bytes of a settings file, recipe or manifest.

    Args:
        path: the file.
        most: the largest size that is read, in bytes.

    Raises:
        UsageError: it is no plain file, may not be read, or is larger.
    """
    try:
        with open(check_readable(path), "rb") as file:
            content = file.read(most + 1)
    except OSError as error:
        raise file_error(error, path) from error
    if len(content) > most:
        fix = f"name a file of at most {most:,} bytes"
        raise UsageError("This file is too large.", where=str(path), fix=fix)
    return content


def sync_file(path: Path) -> None:
    """Make the content of a file that was written durable.

    Raises:
        OSError: the file cannot be opened or synced.
    """
    # Windows flushes only what is open for writing; elsewhere a file may be closed to writers.
    with open(path, "r+b" if CLOSED_BEFORE_RENAME else "rb") as file:
        os.fsync(file.fileno())


def sync_dir(folder: Path) -> None:
    """Make renames inside `folder` durable.

    Raises:
        OSError: the folder is absent, or cannot be synced.
    """
    try:
        handle = os.open(folder, os.O_RDONLY)
    except PermissionError:  # Windows opens no folder, and no system one that may not be read
        if hasattr(os, "sync"):
            os.sync()
        return
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def replacing(path: Path, *, mode: int | None = None) -> Generator[BinaryIO]:
    """Yield a temporary file that replaces `path` if the block succeeds, and is removed if not.

    Missing folders are made. A link is followed: what it points to is replaced. A terminal, a pipe
    with a reader and `/dev/null` are written to as they are. Temporary files that killed runs left
    of `path` are removed.

    Args:
        path: what to write.
        mode: permissions; None keeps those of the file that is replaced, or asks the umask.

    Raises:
        GoldleafError: the disk is full, the folder cannot be written, or `path` is a folder or a
            device; `path` is as it was.
    """
    _refuse_nul(path)
    try:
        found = _status(path)
        if found is not None and (not stat.S_ISREG(found.st_mode) or _is_open_file(path)):
            with _stream(path, found) as file:
                yield file
            return
        target = Path(os.path.realpath(path))
        target.parent.mkdir(parents=True, exist_ok=True)
        remove_leftovers(target)
        with _temporary(target, mode, found) as (file, temporary):
            yield file
            file.flush()
            os.fsync(file.fileno())
            if CLOSED_BEFORE_RENAME:
                file.close()
            os.replace(temporary, target)
        sync_dir(target.parent)
    except OSError as error:
        raise file_error(error, path) from error


def write_atomically(path: Path, content: bytes, *, mode: int | None = None) -> None:
    """Write `content` to `path`, whole or not at all; `mode` and errors as in `replacing`."""
    with replacing(path, mode=mode) as file:
        file.write(content)


def remove_leftovers(target: Path) -> None:
    """Remove temporary files that a killed process left next to `target`.

    A living process holds a lock on its temporary file, so only files without a lock are removed.
    Files of other users or other names, folders and links are left alone.
    """
    start = _temporary_start(target)
    with suppress(OSError), os.scandir(target.parent) as found:
        for entry in list(found):
            if not (entry.name.startswith(start) and entry.name.endswith(_ENDING)):
                continue
            with suppress(OSError):
                _remove_if_free(Path(entry.path))


def _remove_if_free(path: Path) -> None:
    if CLOSED_BEFORE_RENAME:  # one that is being written cannot be removed
        if stat.S_ISREG(os.lstat(path).st_mode):
            os.unlink(path)
        return
    handle = os.open(path, os.O_RDONLY | _NO_LINK | _NO_WAIT)
    try:
        found = os.fstat(handle)
        if stat.S_ISREG(found.st_mode) and is_own(found) and try_lock(handle):
            os.unlink(path)
    finally:
        os.close(handle)


def is_own(found: os.stat_result) -> bool:
    """Return whether a file is this user's; always true on Windows, which does not tell."""
    return not hasattr(os, "geteuid") or found.st_uid == os.geteuid()


def _temporary_start(target: Path) -> str:
    return f".{target.name[:32]}."  # a name has 255 bytes, and a character up to four


@contextmanager
def _temporary(
    target: Path, mode: int | None, found: os.stat_result | None
) -> Generator[tuple[BinaryIO, Path]]:
    """Yield a new, locked file beside `target`; it is removed unless it was renamed."""
    handle, temporary = _create_locked(target, 0o666 if mode is None else mode)
    try:
        with os.fdopen(handle, "wb") as file:
            named = handle if os.chmod in os.supports_fd else temporary
            if mode is not None:
                os.chmod(named, mode)
            elif found is not None:
                os.chmod(named, stat.S_IMODE(found.st_mode))
                if hasattr(os, "fchown") and not (is_own(found) and found.st_gid == os.getegid()):
                    with suppress(OSError):
                        os.fchown(handle, found.st_uid, found.st_gid)
            yield file, temporary
    finally:
        with suppress(FileNotFoundError):
            os.unlink(temporary)


def _create_locked(target: Path, mode: int) -> tuple[int, Path]:
    """Create a temporary file and lock it before another run can take it for a dead one's."""
    while True:
        name = f"{_temporary_start(target)}{os.urandom(6).hex()}{_ENDING}"
        path = target.parent / name
        handle = os.open(path, _NEW, mode)
        if CLOSED_BEFORE_RENAME:
            return handle, path
        with suppress(OSError):
            if try_lock(handle) and os.fstat(handle).st_nlink:
                return handle, path
        os.close(handle)


def _refuse_nul(path: Path) -> None:
    if "\0" in str(path):
        raise UsageError("A path cannot hold NUL.", where=repr(str(path)), fix="check the path")


def _status(path: Path) -> os.stat_result | None:
    try:
        return os.stat(path)
    except FileNotFoundError:
        return None


def _is_open_file(path: Path) -> bool:
    """Return whether a path names an open file of this process (`/dev/stdout`, `/dev/fd/3`)."""
    place = os.path.abspath(path)
    return place in ("/dev/stdout", "/dev/stderr") or place.startswith(("/dev/fd/", "/proc/"))


@contextmanager
def _stream(path: Path, found: os.stat_result) -> Generator[BinaryIO]:
    """Open what is no plain file for writing; never waits for a reader."""
    mode = found.st_mode
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, "", str(path))
    known = _is_stream(found) or _is_terminal(path, found)
    if not (stat.S_ISFIFO(mode) or stat.S_ISREG(mode) or (stat.S_ISCHR(mode) and known)):
        fix = "name a file"
        raise UsageError("This is a device, not a file.", where=str(path), fix=fix)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_APPEND | BINARY | _NO_WAIT)
    except OSError as error:
        if error.errno != errno.ENXIO:
            raise
        fix = "start its reader first, or name a file"
        raise UsageError("Nothing reads from this pipe.", where=str(path), fix=fix) from None
    if _NO_WAIT:
        os.set_blocking(handle, True)
    with os.fdopen(handle, "wb") as file:
        yield file


def _is_stream(found: os.stat_result) -> bool:
    for device in _STREAMS:
        with suppress(OSError):
            if os.stat(device).st_rdev == found.st_rdev:
                return True
    return False


def _is_terminal(path: Path, found: os.stat_result) -> bool:
    """Return whether a device is a terminal, without opening it: that makes some devices act."""
    if sys.platform == "linux":
        return os.major(found.st_rdev) in _TERMINALS
    return _is_open_file(path) or os.path.realpath(path).startswith("/dev/tty")
