"""The socket that the server listens on, with errors that say which port and why."""

from __future__ import annotations

import errno
import ipaddress
import socket

from goldleaf.core.errors import GoldleafError, UsageError


def resolve_address(host: str, port: int) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    """Return the IP address of a host name; of several, an IPv4 address.

    `port` is only checked. An empty name is no name for "everywhere", but an error.

    Raises:
        UsageError: the name has none, or the port is not from 0 to 65535.
    """
    if not 0 <= port <= 65535:
        raise UsageError(f"{port} is no port.", fix="choose one from 1024 to 65535")
    try:
        # An empty name would be "everywhere" to the system; here it must be written out.
        found = socket.getaddrinfo(host or ".", port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise UsageError("There is no such address.", where=host, fix="use 127.0.0.1") from None
    # "localhost" has two addresses: Label Studio tries the old one.
    first = min(found, key=lambda entry: entry[0] != socket.AF_INET)
    return ipaddress.ip_address(first[4][0])


def bound_socket(
    address: ipaddress.IPv4Address | ipaddress.IPv6Address, port: int
) -> socket.socket:
    """Return a TCP socket bound to an address and port (0: a free one), not yet listening.

    Raises:
        UsageError: the port is taken, needs more rights, or the address is not this machine's.
        GoldleafError: any other error of the system.
    """
    family = socket.AF_INET6 if address.version == 6 else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((str(address), port))
    except OSError as error:
        listener.close()
        where = f"{address}:{port}"
        match error.errno:
            case errno.EADDRINUSE:
                fix = "stop the program that listens there, or choose another with --port"
                raise UsageError(f"Port {port} is taken.", where=where, fix=fix) from None
            case errno.EACCES:
                fix = "choose a port from 1024 up"
                raise UsageError(f"Port {port} needs more rights.", where=where, fix=fix) from None
            case errno.EADDRNOTAVAIL:
                fix = "use 127.0.0.1"
                raise UsageError(
                    "This machine has no such address.", where=where, fix=fix
                ) from None
            case _:
                raise GoldleafError(str(error), where=where) from error
    return listener
