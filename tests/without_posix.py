"""Python as it is on Windows or macOS, for a subprocess: what those systems lack is taken away.

`python tests/without_posix.py windows script.py` runs a script there. It stands for a system that
we cannot run, so it takes away more than names: a file that is open cannot be renamed or removed,
only what is open for writing can be flushed, no folder can be opened, and `os.open` without
`O_BINARY` is an error.
"""

from __future__ import annotations

# What other packages import on these systems too is loaded first: it has branches of its own.
import asyncio
import errno
import fcntl
import multiprocessing.connection
import os
import runpy
import shutil
import signal
import subprocess
import sys
import sysconfig
import tempfile
import types

import polars

LOADED = (asyncio, polars, multiprocessing.connection, tempfile, sysconfig.get_config_vars())
WINDOWS = """chown fchmod fchown fork forkpty getegid geteuid getgid getpgrp getuid killpg major
makedev minor mkfifo mknod posix_fadvise pread pwrite sched_getaffinity setsid set_blocking sync
sysconf uname O_CLOEXEC O_DIRECTORY O_NOCTTY O_NOFOLLOW O_NONBLOCK""".split()
MACOS = "posix_fadvise sched_getaffinity O_TMPFILE copy_file_range".split()
MODULES = "fcntl grp pty pwd readline resource spwd syslog termios tty".split()
SIGNALS = "SIGALRM SIGHUP SIGKILL SIGUSR1 alarm pthread_sigmask setitimer".split()
BINARY = 1 << 40
real = types.SimpleNamespace(
    open=os.open, fsync=os.fsync, rename=os.rename, replace=os.replace, unlink=os.unlink,
    flags=fcntl.fcntl, get=fcntl.F_GETFL, flock=fcntl.flock, how=fcntl.LOCK_EX | fcntl.LOCK_NB,
)  # fmt: skip


def refuse_open(path) -> None:
    """Raise what Windows raises for a file that this process has open, or a folder with one."""
    place = os.path.realpath(path)
    for number in os.listdir("/proc/self/fd"):
        try:
            held = os.readlink(f"/proc/self/fd/{number}")
        except OSError:
            continue
        if held == place or held.startswith(place + os.sep):
            raise PermissionError(errno.EACCES, "used by this process", str(path))


def opened(path, flags, mode=0o777, *, dir_fd=None):
    if os.path.isdir(path):
        raise PermissionError(errno.EACCES, "a folder", str(path))
    caller = sys._getframe(1).f_globals.get("__name__", "")
    assert flags & BINARY or not caller.startswith("goldleaf"), f"{caller}: no O_BINARY"
    return real.open(path, flags & ~BINARY, mode, dir_fd=dir_fd)


def flushed(handle) -> None:
    number = handle if isinstance(handle, int) else handle.fileno()
    if real.flags(number, real.get) & os.O_ACCMODE == os.O_RDONLY:
        raise OSError(errno.EBADF, "not open for writing")
    real.fsync(number)


def moved(way):
    def move(source, target, **folders) -> None:
        refuse_open(source)
        if os.path.lexists(target):
            if way is real.rename:
                raise FileExistsError(errno.EEXIST, "there already", str(target))
            refuse_open(target)
        way(source, target, **folders)

    return move


def removed(path, *, dir_fd=None) -> None:
    refuse_open(path)
    real.unlink(path, dir_fd=dir_fd)


def locking(handle, how, count) -> None:
    assert how == 1 and count == 1
    try:
        real.flock(handle, real.how)
    except BlockingIOError:
        raise PermissionError(errno.EACCES, "locked") from None


def take_away(system: str, *, msvcrt: bool = True) -> None:
    """Make this process one of that system."""
    for name in WINDOWS if system == "windows" else MACOS:
        os.__dict__.pop(name, None)  # pyright: ignore
    # Another name than theirs: other packages have branches with modules that only they have.
    sys.platform = "laptop"
    if system != "windows":
        return
    setattr(shutil, "_use_fd_functions", False)  # noqa: B010
    os.O_BINARY = BINARY
    os.open, os.fsync, os.unlink, os.remove = opened, flushed, removed, removed
    os.rename, os.replace = moved(real.rename), moved(real.replace)
    os.supports_fd = set()
    for name in SIGNALS:
        signal.__dict__.pop(name, None)  # pyright: ignore
    for name in MODULES:
        sys.modules[name] = None  # pyright: ignore
    if msvcrt:
        sys.modules["msvcrt"] = types.SimpleNamespace(locking=locking, LK_NBLCK=1)  # pyright: ignore
    started = subprocess.Popen.__init__

    def start(self, *given, **named):
        assert not named.get("pass_fds") and not named.get("start_new_session")
        started(self, *given, **named)

    subprocess.Popen.__init__ = start


if __name__ == "__main__":
    _, system, *sys.argv = sys.argv
    take_away(system.removesuffix("-bare"), msvcrt=not system.endswith("-bare"))
    sys.path.pop(0)
    runpy.run_path(sys.argv[0], run_name="__main__")
