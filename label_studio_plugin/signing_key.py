"""The key by which Label Studio signs sessions and tokens, written so that it reads it back.

Label Studio 1.23.2 draws 50 characters, `$` among them, and appends them to `.env` in its folder.
What begins with `$` is a reference there (django-environ), so one key in fifty is empty when it is
read: each start, and each process of a server, then draws a key of its own, and no session or
token outlives it.
"""

from __future__ import annotations

import os
import secrets
import sys
from contextlib import suppress
from pathlib import Path
from typing import ClassVar

from goldleaf.core.errors import GoldleafError
from goldleaf.core.file_lock import locked
from goldleaf.core.files import write_atomically

_NAME = "SECRET_KEY"
_BYTES = 48


def provide_signing_key(folder: Path) -> None:
    """Append a key to `.env` of Label Studio's folder, unless it reads one there already.

    An empty variable of the environment is removed, as it would go before the file. Nothing is
    raised: where the file cannot be read or written, Label Studio does as it always did.
    """
    if "collectstatic" in sys.argv:  # an image is made: a key that is kept would be in each copy
        return
    if not os.environ.get(_NAME, "unset"):
        del os.environ[_NAME]
    file = folder / ".env"
    with (
        suppress(OSError, UnicodeDecodeError, GoldleafError),
        locked(folder / ".env.lock", waiting=_wait),
    ):
        if not _read_key(file):
            before = file.read_text("utf-8") if file.exists() else ""
            line = f"{_NAME}={secrets.token_urlsafe(_BYTES)}\n"  # of several the last one counts
            write_atomically(file, f"{before.rstrip()}\n{line}".lstrip().encode(), mode=0o600)


def _read_key(file: Path) -> str:
    """Return the key that Label Studio would use, "" where it would draw one."""
    from environ import Env

    class Apart(Env):
        ENVIRON: ClassVar[dict[str, str]] = dict(os.environ)

    Apart.read_env(file)
    with suppress(Exception):  # there is none, or a reference to what is not there
        return str(Apart().str(_NAME))
    return ""


def _wait() -> None:
    """Wait without a word for another process that starts on the same folder."""
