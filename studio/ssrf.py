"""Which addresses Label Studio may call: everything it bans by default, but for loopback.

By default Label Studio refuses every private address, so also an ML backend on the same machine.
Switching its protection off would let a task's text reach the cloud's metadata address and the
local network; we ban the same subnets by name and leave out the one that is needed.
"""

from __future__ import annotations

import re

LOOPBACK = frozenset({"127.0.0.0/8", "::1/128"})
DEFAULT_BANNED = (
    "0.0.0.0/8",
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.0.0.0/24",
    "192.0.2.0/24",
    "192.88.99.0/24",
    "192.168.0.0/16",
    "198.18.0.0/15",
    "198.51.100.0/24",
    "203.0.113.0/24",
    "224.0.0.0/4",
    "233.252.0.0/24",
    "240.0.0.0/4",
    "255.255.255.255/32",
    "::/128",
    "::1/128",
    "::ffff:0:0/96",
    "::ffff:0:0:0/96",
    "64:ff9b::/96",
    "64:ff9b:1::/48",
    "100::/64",
    "2001:0000::/32",
    "2001:20::/28",
    "2001:db8::/32",
    "2002::/16",
    "fc00::/7",
    "fe80::/10",
    "ff00::/8",
)
"""Label Studio's own list (`core/utils/io.py`, validate_ip); a test holds the two together."""


def environment(allowed: frozenset[str] = LOOPBACK) -> dict[str, str]:
    """Return Label Studio's variables that ban every subnet it bans by default, but `allowed`.

    `allowed` are subnets as in `DEFAULT_BANNED`, those of this machine by default.
    """
    banned = ",".join(subnet for subnet in DEFAULT_BANNED if subnet not in allowed)
    return {"USE_DEFAULT_BANNED_SUBNETS": "false", "USER_ADDITIONAL_BANNED_SUBNETS": banned}


def blocked_subnet(detail: str) -> str:
    """Return the subnet that a refusal of Label Studio names, or an empty string.

    >>> blocked_subnet("URL resolves to a reserved network address (block: 10.0.0.0/8)")
    '10.0.0.0/8'
    """
    found = re.search(r"reserved network address \(block: ([^)]+)\)", detail)
    return found[1] if found else ""


def advice(subnet: str) -> str:
    """Return a fix for the user: what to set so that addresses in `subnet` may be called."""
    allowed = LOOPBACK if subnet in LOOPBACK else frozenset({subnet})
    named = " ".join(f"{name}={value}" for name, value in environment(allowed).items())
    return f"start Label Studio with {named}"
