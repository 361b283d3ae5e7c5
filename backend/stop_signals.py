"""Signals that end a server in order: what is being answered is answered."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType


def stop_signals() -> list[int]:
    """Return SIGINT, SIGTERM, and SIGHUP (a terminal is closed) unless `nohup` has it ignored."""
    found = [int(signal.SIGINT), int(signal.SIGTERM)]
    if hasattr(signal, "SIGHUP") and signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:
        found.append(int(signal.SIGHUP))
    return found


@contextmanager
def on_stop_signals(asked: Callable[[int, FrameType | None], None]) -> Iterator[None]:
    """Have `asked` called on these signals inside the block; in the main thread only.

    SIGCHLD has its usual effect there: a program that ignores it, and starts this one, would have
    the system forget how our children ended.
    """
    before = {number: signal.signal(number, asked) for number in stop_signals()}
    if hasattr(signal, "SIGCHLD"):
        before[signal.SIGCHLD] = signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    try:
        yield
    finally:
        for number, handler in before.items():
            # None stands for one that was not set from Python
            signal.signal(number, signal.SIG_DFL if handler is None else handler)
