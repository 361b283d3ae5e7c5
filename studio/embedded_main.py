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
    from label_studio.server import main as label_studio

    sys.argv[0] = "label-studio"
    return int(label_studio() or 0)


if __name__ == "__main__":
    sys.exit(main())
