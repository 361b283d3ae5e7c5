"""Messages between a program and its worker: four bytes of length, then JSON, over a pipe."""

from __future__ import annotations

import json
from typing import Any, BinaryIO

from goldleaf.core.json_depth import loads

MAX_FRAME = 256 * 2**20
"""Longest message in bytes; a longer one is a fault of the other side."""


def write_frame(pipe: BinaryIO, message: dict[str, Any]) -> None:
    """Write one message and flush.

    Raises:
        OSError: the other side is gone.
    """
    content = json.dumps(message).encode("ascii")  # lone surrogates survive as escapes
    pipe.write(len(content).to_bytes(4, "big") + content)
    pipe.flush()


def read_frame(pipe: BinaryIO) -> dict[str, Any] | None:
    """Return the next message, or None where the other side ended, in the middle of one or not.

    Raises:
        ValueError: what comes is no message.
    """
    length = int.from_bytes(_exactly(pipe, 4), "big")
    if not 0 < length <= MAX_FRAME:
        if length:
            raise ValueError("a message of impossible length")
        return None
    content = _exactly(pipe, length)
    return loads(content) if len(content) == length else None


def _exactly(pipe: BinaryIO, length: int) -> bytes:
    """Return that many bytes; none of them if there are fewer."""
    parts: list[bytes] = []
    while length and (part := pipe.read(length)):
        parts.append(part)
        length -= len(part)
    return b"" if length else b"".join(parts)
