"""waitress server that goes on taking connections where many are open and say nothing."""

from __future__ import annotations

import errno
import time
from typing import Any, cast

from waitress.server import TcpWSGIServer

from goldleaf.backend.http_channel import Channel
from goldleaf.backend.log import LOG

SPARE = 8
"""So many below the limit (a quarter at most) the longest idle are closed, to let others in."""
UNFINISHED_SECONDS = 10.0
"""A request that is being sent, and of which nothing came for so long, counts as nothing asked."""
_NO_FILE = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM})
_SAY_AGAIN = 60.0


class Server(TcpWSGIServer):
    """Waitress's own takes no connection at its limit until one has been idle for two minutes.

    And where the system has no open file left it asks for the next connection at once, as fast as
    it can, a traceback each time.
    """

    channel_class = Channel
    _no_file = False
    _said = -_SAY_AGAIN

    def readable(self) -> bool:
        """Return whether to look for new connections; before that, make room for them."""
        own = cast("Any", self)
        if self._no_file:  # not in this round: the loop waits until one is closed, 1 s at most
            self._no_file = False
            self.close_idle(1)
            return False
        if own.accepting:
            limit = own.adj.connection_limit
            self.close_idle(len(own._map) - limit + min(SPARE, limit // 4))
        return bool(super().readable())

    def close_idle(self, count: int) -> None:
        """Have the loop close so many connections, of those that ask nothing the longest idle."""
        if count <= 0:
            return
        long_ago = time.time() - UNFINISHED_SECONDS
        channels = [*cast("Any", self).active_channels.values()]
        count -= sum(channel.will_close for channel in channels)
        idle = [
            channel
            for channel in channels
            if not (channel.will_close or channel.requests or channel.total_outbufs_len)
            and (channel.request is None or channel.last_activity < long_ago)
        ]
        idle.sort(key=lambda channel: channel.last_activity)
        for channel in idle[: max(0, count)]:
            channel.will_close = True

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
