"""Prefetch rows in a background thread, so that a server answers while rows are used."""

from __future__ import annotations

import queue
import threading
from collections.abc import Generator, Iterator
from typing import TypeVar

Row = TypeVar("Row")


def read_ahead(rows: Iterator[Row], held: int) -> Generator[Row]:
    """Yield the rows in order, prefetching up to `held` of them in a thread.

    The thread starts with the first row asked for. What `rows` raises is raised where its row would
    have come. A caller that closes this iterator before its end waits until `rows` gives its next
    row.

    Args:
        rows: used in that thread only.
        held: rows kept in memory at once, at least 1.
    """
    waiting: queue.Queue[tuple[Row] | BaseException | None] = queue.Queue(held)
    over = threading.Event()

    def put(each: tuple[Row] | BaseException | None) -> bool:
        while not over.is_set():
            try:
                waiting.put(each, timeout=0.2)
            except queue.Full:
                continue
            return True
        return False

    def work() -> None:
        try:
            for row in rows:
                if not put((row,)):
                    return
            put(None)
        except BaseException as error:  # the reader's to handle, whatever it is
            put(error)

    reading = threading.Thread(target=work, name="read ahead", daemon=True)
    reading.start()
    try:
        while (each := waiting.get()) is not None:
            if isinstance(each, BaseException):
                raise each
            yield each[0]
    finally:
        over.set()
        reading.join()
