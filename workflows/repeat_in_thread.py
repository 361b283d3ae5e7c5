"""An action repeated in a thread while a block runs, as `goldleaf up` looks at its projects."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager


@contextmanager
def repeated(action: Callable[[], object], pause: float, name: str) -> Generator[None]:
    """Do something again and again, from entry to the end of the block.

    Args:
        action: what is done; it reports its errors itself.
        pause: seconds before each time.
        name: of the thread.
    """
    stopping = threading.Event()

    def run() -> None:
        while not stopping.wait(pause):
            action()

    thread = threading.Thread(target=run, name=name, daemon=True)
    thread.start()
    try:
        yield
    finally:
        stopping.set()
        thread.join(5.0)
