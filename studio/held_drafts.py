"""Drafts that wait for a larger request, because each request costs Label Studio a whole count."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

LARGEST, LARGEST_BYTES = 25_000, 25_000_000
"""Predictions in one request at most. After each request Label Studio (to 1.23) counts those of all
tasks of the project again, 0.6 ms a task that has any: the fewer requests, the cheaper is each."""
COUNTED_CHEAPLY = 5_000
"""Predictions in a request where our plug-in is on and its database counts: progress then moves
more often, and less memory is held."""
_SMALLEST = 500
"""No fewer are sent at once because an answer was lost."""
_HELD_SECONDS = 60.0
"""How long drafts are held back for a larger request, where they are slow to come; but
`_HELD_TIMES` as long as the last request took, so that requests seldom cost more than drafts."""
_HELD_TIMES, _HELD_AT_MOST = 4.0, 300.0


@dataclass(frozen=True, slots=True)
class HeldDraft:
    """A prediction that waits: as JSON, which takes a tenth of the memory.

    `alone`: Label Studio's bulk import would drop it.
    """

    task: int
    version: str
    json: bytes
    alone: bool


class HeldDrafts:
    """What waits to be sent; `largest` is how many a request may hold, less once one failed.

    Args:
        cheap: whether Label Studio's count after each request costs next to nothing.
    """

    def __init__(self, *, cheap: bool) -> None:
        self.largest = min(COUNTED_CHEAPLY, LARGEST) if cheap else LARGEST
        self._drafts: list[HeldDraft] = []
        self._bytes = 0
        self._since = time.monotonic()
        self._most = _HELD_SECONDS

    def __len__(self) -> int:
        return len(self._drafts)

    def add(self, given: Mapping[str, Any], version: str, *, alone: bool) -> None:
        """Hold a prediction back."""
        wanted = ("task", "result", "score", "model_version")
        body = orjson.dumps({name: given[name] for name in wanted if name in given})
        # Copied, for orjson's buffer is a shortened kilobyte: kept, it costs 4 kB a draft.
        body = bytes(memoryview(body))
        self._drafts.append(HeldDraft(given["task"], version, body, alone))
        self._bytes += len(body)

    @property
    def full(self) -> bool:
        """Whether a request is filled."""
        return len(self._drafts) >= self.largest or self._bytes >= LARGEST_BYTES

    @property
    def late(self) -> bool:
        """Whether the first has waited as long as it may."""
        return bool(self._drafts) and time.monotonic() - self._since > self._most

    def take(self) -> list[HeldDraft]:
        """Return what the next request holds: `largest` drafts or `LARGEST_BYTES`, one at least."""
        count = size = 0
        for each in self._drafts[: self.largest]:
            size += len(each.json)
            if count and size > LARGEST_BYTES:
                break
            count += 1
        taken, self._drafts = self._drafts[:count], self._drafts[count:]
        self._bytes -= sum(len(each.json) for each in taken)
        return taken

    def sent(self, seconds: float) -> None:
        """Note that a request was sent, and how long it took."""
        self._since = time.monotonic()
        self._most = min(max(_HELD_SECONDS, _HELD_TIMES * seconds), _HELD_AT_MOST)

    def refused(self, count: int) -> None:
        """Note that a request of so many drafts was too large: the next ones hold half of it."""
        self.largest = min(self.largest, (count + 1) // 2)

    def lost(self, count: int) -> None:
        """Note that the answer to so many drafts was lost: a proxy may have waited long enough."""
        self.largest = min(self.largest, max(_SMALLEST, min(self.largest, count) // 2))
