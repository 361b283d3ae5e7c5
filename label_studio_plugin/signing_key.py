"""The key by which Label Studio signs sessions and tokens, written so that it reads it back.

Label Studio 1.23.2 draws 50 characters, `$` among them, and appends them to `.env` in its folder.
What begins with `$` is a reference there (django-environ), so one key in fifty is empty when it is
read: each start, and each process of a server, then draws a key of its own, and no session or
token outlives it.
"""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from pathlib import Path

from goldleaf.core.errors import GoldleafError
from goldleaf.core.files import write_atomically

_NAME = "SECRET_KEY"
_BYTES = 48


def provide_signing_key(folder: Path) -> None:
    """Write a key into `.env` of Label Studio's folder, unless it has one that can be read.

    A key in the environment goes before the file, so none is written there. Nothing is raised:
    where the file cannot be written, Label Studio does as it always did.
    """
    if os.environ.get(_NAME):
        return
    file = folder / ".env"
    with suppress(OSError, UnicodeDecodeError, GoldleafError):
        lines = file.read_text("utf-8").splitlines() if file.exists() else []
        keys = [line.partition("=")[2] for line in lines if line.startswith(f"{_NAME}=")]
        if keys and keys[-1] and not keys[-1].startswith("$"):  # the last one counts
            return
        kept = [line for line in lines if not line.startswith(f"{_NAME}=")]
        kept.append(f"{_NAME}={secrets.token_urlsafe(_BYTES)}")
        write_atomically(file, ("\n".join(kept) + "\n").encode(), mode=0o600)
