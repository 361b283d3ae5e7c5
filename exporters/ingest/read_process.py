"""Entry point of a reading process: reads parts of files until the parent sends no more.

It sends how many inputs it has read (a number), requests for another part (None), and at the end
its tables, or an error. It ends when the process that started it has gone.
"""

from __future__ import annotations

import sys
import traceback
from multiprocessing.connection import Connection
from typing import cast

from goldleaf.exporters.ingest.build_examples import IngestConfig
from goldleaf.exporters.ingest.read_pass import open_pass
from goldleaf.exporters.ingest.record_sources import RecordsFile

REPORTED = 256
"""Inputs between two progress messages."""


def main(handle: int, number: int) -> None:
    """Read the parts of files that the parent process sends, and send back their tables."""
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

    def report() -> None:
        nonlocal read
        read += 1
        if not read % REPORTED:
            other.send(REPORTED)

    config = cast("IngestConfig", other.recv())
    with open_pass(config, number) as own:
        other.send(None)
        while (part := cast("RecordsFile | None", other.recv())) is not None:
            own.read(part, report)
            other.send(None)
        other.send(read % REPORTED)
        other.send(own.done())
