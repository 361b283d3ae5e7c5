"""What several processes of one server know together: counters, and what the trainer does.

A piece of memory that they share, a slot for each. Only its owner writes a slot, one of two halves
in turn, so that a reader (or the process that replaces a killed one) always finds a whole text.
"""

from __future__ import annotations

import mmap
import struct
import zlib
from collections.abc import Mapping
from typing import Any

import orjson

from goldleaf.core.json_values import object_or_empty

SLOT_BYTES = 4 * 1024 * 1024
"""Room for a text, twice; memory that nobody has written costs nothing."""
EVERY = 0.5
"""Seconds between two writes: so old may be what one process says of another."""
_HEAD = struct.Struct("<IIQ")
"""Length, checksum, and a number that grows: the half with the larger one is the newer."""


class SharedStatus:
    """Slots of JSON objects in memory, shared by the processes that are forked later.

    Args:
        slots: how many.
    """

    def __init__(self, slots: int) -> None:
        self.slots = slots
        self._memory = mmap.mmap(-1, 2 * SLOT_BYTES * slots)
        self._last: dict[int, Mapping[str, Any]] = {}

    def write(self, slot: int, said: Mapping[str, Any]) -> bool:
        """Replace what a slot says; return False, and change nothing, if it does not fit."""
        text = orjson.dumps(said)
        if len(text) > SLOT_BYTES - _HEAD.size:
            return False
        newest = max((0, 1), key=lambda half: self._number(slot, half))
        number = self._number(slot, newest) + 1
        start = self._start(slot, 1 - newest)
        self._memory[start + _HEAD.size : start + _HEAD.size + len(text)] = text
        self._memory[start : start + _HEAD.size] = _HEAD.pack(len(text), zlib.crc32(text), number)
        return True

    def read(self, slot: int) -> Mapping[str, Any]:
        """Return what a slot says, {} if nothing was ever written to it."""
        for half in sorted((0, 1), key=lambda half: -self._number(slot, half)):
            start = self._start(slot, half)
            length, checksum, number = _HEAD.unpack_from(self._memory, start)
            text = self._memory[start + _HEAD.size : start + _HEAD.size + length]
            if number and zlib.crc32(text) == checksum:
                self._last[slot] = object_or_empty(orjson.loads(text))
                break
        return self._last.get(slot, {})

    def _start(self, slot: int, half: int) -> int:
        return (2 * slot + half) * SLOT_BYTES

    def _number(self, slot: int, half: int) -> int:
        return int(_HEAD.unpack_from(self._memory, self._start(slot, half))[2])
