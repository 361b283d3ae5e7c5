"""Entry point of a pool's process: calls what it is sent, until the process that started it ends.

It ends at once then, whatever it does: files are written whole or not at all.
"""

from __future__ import annotations

import os
import select
import threading
import traceback
from multiprocessing.connection import Connection
from pickle import PicklingError


def main(handle: int) -> None:
    """Call each function that is sent with its arguments, and send back the result or the error."""
    threading.Thread(target=_end_with_parent, args=(handle,), daemon=True).start()
    from goldleaf.curation.one_thread import one_thread

    with Connection(handle) as other, one_thread():
        while True:
            try:
                function, arguments = other.recv()
            except (EOFError, ConnectionError):
                return
            try:
                answer = True, function(*arguments)
            except BaseException as error:
                error.add_note(traceback.format_exc())
                answer = False, error
            try:
                other.send(answer)
            except (PicklingError, TypeError, AttributeError) as error:
                other.send((False, RuntimeError(f"{type(error).__name__}: {error}")))


def _end_with_parent(handle: int) -> None:
    closed = select.poll()
    closed.register(handle, 0)  # a closed connection is told without being asked for
    closed.poll()
    os._exit(1)
