"""The other end: a process that reads the parts of files it is given, until none is left.

It says how many readings it has read (a number), that it wants a part (None), and at the end what
it took; an error goes to whoever started it. When that one has gone, it ends as well.
"""

from __future__ import annotations

import sys
import traceback
from multiprocessing.connection import Connection
from typing import cast

from goldleaf.exporters.census.making import Job
from goldleaf.exporters.census.readings import RecordsFile
from goldleaf.exporters.census.taking import taking

TOLD = 256
"""Readings between two messages."""


def main(handle: int, number: int) -> None:
    """Work for whoever holds the other end of a connection."""
    with Connection(handle) as other:
        try:
            _work(other, number)
        except (EOFError, ConnectionError):
            sys.exit(1)
        except BaseException as error:
            error.add_note(traceback.format_exc())
            other.send(error)


def _work(other: Connection, number: int) -> None:
    read = 0

    def told() -> None:
        nonlocal read
        read += 1
        if not read % TOLD:
            other.send(TOLD)

    job = cast("Job", other.recv())
    with taking(job, number) as own:
        other.send(None)
        while (part := cast("RecordsFile | None", other.recv())) is not None:
            own.read(part, told)
            other.send(None)
        other.send(read % TOLD)
        other.send(own.done())
