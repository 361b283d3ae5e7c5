"""waitress channel that answers short requests in its main loop instead of a thread.

Threads of one interpreter take turns, and on several cores each turn costs as much as a small
answer. Two things keep waitress from taking them: short requests are answered by the loop that read
them, and the loop leaves a connection alone while another thread sends on it.
"""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any, cast

from waitress.channel import HTTPChannel
from waitress.task import ThreadedTaskDispatcher

from goldleaf.backend.request_parser import DISCARDED_BYTES, JsonErrorTask, Parser

IN_A_ROW = 16
"""Requests of one packet that the loop answers; a thread takes the rest, and others their turn."""
LINGER_SECONDS = 10.0
"""How long what a refused client still sends is read, so that it sees the refusal, not a reset."""


class Channel(HTTPChannel):
    """A connection, by which `Dispatcher` hands a short request back to the loop."""

    parser_class = Parser
    error_task_class = JsonErrorTask
    due = False
    """The loop has read a request that it shall answer itself."""
    refused = False
    """What came was no request; the line is closed, but not in the sender's face."""
    in_a_row = 0
    """Answers that the loop has given to what it read last."""
    _until = 0.0
    _discarded = 0

    def handle_read(self) -> None:
        """Read what has come from a client, and answer each short request here, in the loop.

        Short is what takes milliseconds, from memory alone (`Dispatcher`); others go to threads.

        After each answer a new connection is taken, if one waits. The loop itself takes one a
        round, and a round answers all connections: of 128 that came at once, the last had to wait
        for 128 rounds, some 10 s at 1.2 ms an answer. Of several processes the one with less to
        do still takes more.
        """
        if self._until:
            return self._discard()
        self.in_a_row = 0
        super().handle_read()
        while self.due:
            self.due = False
            self.in_a_row += 1
            self.service()
            if self.server.readable():
                self.server.handle_accept()

    def handle_write(self) -> None:
        """Send what is left; close a line that was refused once its sender has had time to see."""
        if self.refused and not self._until and not self.will_close:
            own = cast("Any", self)
            own._flush_exception(own._flush_some_if_lockable)
            if self.close_when_flushed and not self.total_outbufs_len and not self.will_close:
                self.close_when_flushed = False
                self._until = time.monotonic() + LINGER_SECONDS
                with suppress(OSError):
                    own.socket.shutdown(socket.SHUT_WR)
                return
        super().handle_write()

    def _discard(self) -> None:
        """Read on from a sender that was refused; close at its end, or when it was long enough."""
        try:
            data = self.recv(65_536)  # closes at the end of what is sent
        except OSError:
            return self.handle_close()
        self._discarded += len(data)
        if data and (time.monotonic() > self._until or self._discarded > DISCARDED_BYTES):
            self.handle_close()

    def writable(self) -> bool:
        """Return whether the loop has to send: what is left over when a request's thread has sent.

        Waitress's own says yes as soon as an answer begins. Its loop then finds the connection
        ready, may not touch it and looks again at once: 29 times a request at 32 connections.
        """
        if self.requests and not (self.will_close or self.close_when_flushed):
            if not self.outbuf_lock.acquire(False):
                return False
            self.outbuf_lock.release()
        return bool(super().writable())

    def _flush_outbufs_below_high_watermark(self) -> None:
        """Close the line of a sender of many requests that does not read the answers.

        Waitress's own has the thread wait for the reader: eight such lines, and no webhook is
        answered any more.
        """
        own = cast("Any", self)
        most = self.adj.outbuf_high_watermark
        if self.total_outbufs_len > most:
            own._flush_exception(own._flush_some_if_lockable, do_close=False)
        if self.total_outbufs_len > most:
            self.will_close, self.connected = True, False
            self.server.pull_trigger()

    def write_soon(self, data: Any) -> int:
        """Send a part of an answer; wake the loop for what the line did not take."""
        written = int(super().write_soon(data))
        if self.total_outbufs_len:
            self.server.pull_trigger()
        return written


class Dispatcher(ThreadedTaskDispatcher):
    """Gives short requests to the loop, those that only compute to one thread, others to several.

    Threads that compute gain nothing by being several: of one interpreter one runs at a time, and
    on two cores four batches at once took twice the work of four in a row.

    Args:
        threads: how many take what may wait: for a disk, a network or another process.
        short: tells of a request as waitress read it whether it is answered in milliseconds, from
            memory alone.
        computes: tells of any other whether it only computes; these are answered in turn.
    """

    def __init__(
        self,
        threads: int,
        short: Callable[[Any], bool],
        computes: Callable[[Any], bool] = lambda request: False,
    ) -> None:
        super().__init__()
        self._short = short
        self._computes = computes
        self._loop: int | None = None
        self._in_turn = ThreadedTaskDispatcher()
        self._in_turn.set_thread_count(1)
        self.set_thread_count(threads)

    def loop_is_here(self) -> None:
        """Note that the calling thread is the server's main loop, for `add_task`."""
        self._loop = threading.get_ident()

    def add_task(self, task: Any) -> None:
        """Have the first request of a channel (`task`) answered.

        In the loop, if that is the caller and the request is short; else, and after `IN_A_ROW`, in
        a thread.
        """
        request = task.requests[0]
        here = threading.get_ident() == self._loop and task.in_a_row < IN_A_ROW
        if here and self._short(request):
            task.due = True  # its lock is held here, so it is answered once that is let go
        elif self._computes(request):
            self._in_turn.add_task(task)
        else:
            super().add_task(task)

    def shutdown(self, cancel_pending: bool = True, timeout: int = 5) -> Any:
        """End all threads once they have answered what they are at, within `timeout` seconds."""
        end = time.monotonic() + timeout
        self.set_thread_count(0)  # they end while the one that computes is waited for
        self._in_turn.shutdown(cancel_pending, timeout)
        return super().shutdown(cancel_pending, max(0, int(end - time.monotonic())))
