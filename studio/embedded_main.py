"""Runs inside the child process: Label Studio, which ends when the process that wanted it ends.

Standard input is a pipe that the parent holds open and never writes to. However the parent ends,
`kill -9` included, the pipe closes, and this whole process group goes down. A pipe and no
`PR_SET_PDEATHSIG`: that fires when the starting *thread* ends, and Linux alone has it.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from goldleaf.core.left_out import left_out
from goldleaf.studio.empty_database import KEEP_AT, database_of, keep


def _end_with_parent(pipe: int) -> None:
    while os.read(pipe, 1024):
        pass
    os.killpg(os.getpgrp(), signal.SIGKILL)


def main() -> int:
    """Start Label Studio with the arguments of the command line; return its exit status."""
    pipe = os.dup(0)
    with open(os.devnull, "rb") as nothing:
        os.dup2(nothing.fileno(), 0)
    threading.Thread(target=_end_with_parent, args=(pipe,), daemon=True).start()
    _import_nltk()
    from label_studio import server

    if kept := os.environ.pop(KEEP_AT, ""):
        folder = Path(os.environ["LABEL_STUDIO_BASE_DATA_DIR"])
        # The one moment at which its database has every table and no account.
        server._apply_database_migrations = _then(
            server._apply_database_migrations, lambda: keep(database_of(folder), Path(kept))
        )
    sys.argv[0] = "label-studio"
    return int(server.main() or 0)


def _import_nltk() -> None:
    """Import nltk without what it tries to import and does without: a fifth of a start's CPU time.

    label-studio-sdk's converter of audio wants a tokenizer of nltk's. Whatever imports scikit-learn
    or SciPy later gets them.
    """
    with left_out("sklearn", "scipy"), suppress(ImportError):
        import nltk  # noqa: F401


def _then(first: Callable[[], None], second: Callable[[], None]) -> Callable[[], None]:
    def both() -> None:
        first()
        second()

    return both


if __name__ == "__main__":
    sys.exit(main())
