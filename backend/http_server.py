"""waitress server that goes on taking connections where many are open and say nothing."""

from __future__ import annotations

import errno
import socket
import time
from typing import Any, cast

from waitress.server import TcpWSGIServer

from goldleaf.backend.http_channel import Channel
from goldleaf.backend.log import LOG

SPARE = 8
"""So many below the limit (a quarter at most) the longest idle are closed, to let others in."""
UNFINISHED_SECONDS = 10.0
"""A request that is being sent, and of which nothing came for so long, counts as nothing asked."""
_IDLE_SECONDS = 0.5
"""A line on which something came, or that was taken, more recently is not idle: its request may be
on the way, and a client whose line is closed then sees a reset. New ones wait so long instead."""
_NO_FILE = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM})
_SAY_AGAIN = 60.0


class Server(TcpWSGIServer):
    """Waitress's own takes no connection at its limit until one has been idle for two minutes.

    And where the system has no open file left it asks for the next connection at once, as fast as
    it can, a traceback each time.
    """

    channel_class = Channel
    round_seconds = 1.0
    """How long the loop may wait for something to happen: less while connections wait for room."""
    _no_file = False
    _said = -_SAY_AGAIN

    def readable(self) -> bool:
        """Return whether to look for new connections; before that, make room for them."""
        own = cast("Any", self)
        limit = own.adj.connection_limit
        excess = len(own._map) - limit + min(SPARE, limit // 4) if own.accepting else 0
        self.round_seconds = 0.1 if self._no_file or excess > 0 else 1.0
        if self._no_file:  # not in this round: the loop waits until one is closed
            self._no_file = False
            self.close_idle(SPARE)
            return False
        self.close_idle(excess)
        return bool(super().readable())

    def close_idle(self, count: int) -> None:
        """Have the loop close so many connections, of those that ask nothing the longest idle."""
        if count <= 0:
            return
        now = time.time()
        channels = [*cast("Any", self).active_channels.values()]
        count -= sum(channel.will_close for channel in channels)
        idle = [
            channel
            for channel in channels
            if not (channel.will_close or channel.requests or channel.total_outbufs_len)
            and channel.last_activity
            < now - (_IDLE_SECONDS if channel.request is None else UNFINISHED_SECONDS)
        ]
        idle.sort(key=lambda channel: channel.last_activity)
        for channel in idle:
            if count <= 0:
                return
            if not _has_sent(channel):
                channel.will_close = True
                count -= 1

    def handle_accept(self) -> None:
        """Take a connection that waits; where there is no open file for it, later."""
        own = cast("Any", self)
        try:
            found = own.accept()
            if found is None:
                return
            own.set_socket_options(found[0])
        except OSError as error:
            if error.errno in _NO_FILE:
                self._no_file = True
                if time.monotonic() - self._said >= _SAY_AGAIN:
                    self._said = time.monotonic()
                    LOG.warning("a connection waits: %s", error.strerror)
            return
        self.channel_class(self, found[0], found[1], own.adj, map=own._map)


def _has_sent(channel: Any) -> bool:
    """Return whether a client has sent what the loop has not read yet."""
    try:
        return bool(channel.socket.recv(1, socket.MSG_PEEK))
    except OSError:  # nothing came, or the line is broken
        return False
