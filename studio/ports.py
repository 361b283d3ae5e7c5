"""Ports on loopback: free or taken."""

from __future__ import annotations

import ipaddress
import socket
from urllib.parse import urlsplit

from goldleaf.core.errors import UsageError

HOST = "127.0.0.1"


def is_free(port: int) -> bool:
    """Return whether we could listen on a port of 127.0.0.1 just now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def any_free_port() -> int:
    """Return a free port of 127.0.0.1; another program may take it before it is used."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def on_this_machine(url: str) -> bool:
    """Return whether an address is `localhost` or a loopback IP; other names are not resolved."""
    host = urlsplit(url).hostname or ""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def port_taken(port: int, option: str = "--port") -> UsageError:
    """Return (not raise) the error for a user whose port another program has."""
    return UsageError(
        f"Port {port} is taken by another program.",
        where=f"{HOST}:{port}",
        fix=f"give another with {option}, or end that program",
    )
