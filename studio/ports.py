"""Ports on loopback: free or taken."""

from __future__ import annotations

import socket

from goldleaf.core.errors import UsageError

HOST = "127.0.0.1"


def is_free(port: int) -> bool:
    """Tell whether we could listen on a port."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def any_free_port() -> int:
    """Return a port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def port_taken(port: int) -> UsageError:
    """Return what to tell a user whose port another program has."""
    return UsageError(
        f"Port {port} is taken by another program.",
        where=f"{HOST}:{port}",
        fix="give another with --port, or end that program",
    )
