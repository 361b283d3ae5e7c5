"""How long to wait before a request is sent again: longer each time, never all at once."""

from __future__ import annotations

import random
import time
from email.utils import parsedate_to_datetime

FIRST = 0.5
LONGEST = 60.0
"""Seconds; a server that asks for more is not asked again in this run."""


def pause_before(attempt: int, asked: str = "") -> float | None:
    """Return the seconds to wait after an attempt; None if the server asks for too many.

    Half a second, doubled each time, of which a random half is left out, so that several clients
    do not come back together; at least what the server asks for.

    Args:
        attempt: how many were made, from 1.
        asked: its `Retry-After`: seconds or a date; "" for none.
    """
    pause = min(LONGEST, FIRST * 2 ** (attempt - 1)) * random.uniform(0.5, 1.0)
    wanted = _seconds(asked)
    if wanted > LONGEST:
        return None
    return max(pause, wanted)


def _seconds(asked: str) -> float:
    try:
        return max(0.0, float(asked))
    except ValueError:
        pass
    try:
        return max(0.0, parsedate_to_datetime(asked).timestamp() - time.time())
    except (ValueError, TypeError, IndexError, OverflowError):
        return 0.0
