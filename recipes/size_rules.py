"""How many rows a model of a given size asks for: the rules of thumb S7 and S8, as arithmetic."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable

from goldleaf.core.errors import UsageError

RANGES: dict[float, tuple[int, int]] = {
    7: (20_000, 100_000),
    8: (30_000, 150_000),
    14: (100_000, 500_000),
    32: (300_000, 1_000_000),
}
"""S7: billions of parameters -> least and most SFT rows; beyond the most, gains fall fast."""

CORE_STEP = 2_000
"""S8: core rows for every doubling of a model beyond 1B parameters."""

CORE_LEAST = 1_000
"""S8's formula is 0 at 1B and negative below; we clamp it here, at the size of LIMA (S10)."""

ROWS_LEAST, ROWS_MOST = 1_000, 2_000_000
"""S10 and S6: no range of ours leaves these, however small or large the model."""

_SIZE = re.compile(r"\s*(\d+(?:\.\d+)?)\s*([bm])\s*", re.IGNORECASE)


def is_size(text: str) -> bool:
    """Return whether a text is a model size, such as `8B`, `0.5b` or `500M`."""
    try:
        return billions(text) > 0
    except UsageError:
        return False


def billions(model: str) -> float:
    """Return a model size such as `8B`, `0.5b` or `500M` in billions of parameters.

    Raises:
        UsageError: it is not a size.
    """
    found = _SIZE.fullmatch(model)
    size = float(found[1]) / (1_000 if found[2] in "mM" else 1) if found else 0.0
    if not 0 < size < 100_000:
        raise UsageError(f"{model!r} is not a model size.", fix="write it as 8B, 0.5B or 500M")
    return size


def core_size(size: float) -> int:
    """Return how many core rows S8 asks for: 2,000 * log2(params / 1B), at least `CORE_LEAST`.

    `size` is in billions of parameters.

    >>> [core_size(size) for size in (1, 7, 8, 14, 32)]
    [1000, 5615, 6000, 7615, 10000]
    """
    return max(CORE_LEAST, round(CORE_STEP * math.log2(size)))


def sft_range(size: float) -> tuple[int, int]:
    """Return the least and most SFT rows for a model of `size` billion parameters (S7).

    Between two sizes of the table, straight in log rows over log parameters; outside it, the line
    through its first and last size (through its first two it would be 54 rows at 1B), within
    `ROWS_LEAST` and `ROWS_MOST`. What is not in the table is rounded to two figures.

    >>> sft_range(8), sft_range(20)
    ((30000, 150000), (160000, 670000))
    """
    if size in RANGES:
        return RANGES[size]
    known = sorted(RANGES)
    if known[0] < size < known[-1]:
        above = next(i for i, other in enumerate(known) if other > size)
        left, right = known[above - 1], known[above]
    else:
        left, right = known[0], known[-1]
    at = math.log(size / left) / math.log(right / left)
    least, most = (
        RANGES[left][end] * (RANGES[right][end] / RANGES[left][end]) ** at for end in (0, 1)
    )
    return _rounded(least), _rounded(most)


def in_table(size: float) -> bool:
    """Return whether a model size, in billions of parameters, is within S7's table (7 to 32)."""
    return min(RANGES) <= size <= max(RANGES)


def nearest(size: float, known: Iterable[float]) -> float:
    """Return the known model size that is nearest by ratio; of two equally near, the smaller.

    `known` must not be empty; sizes are in billions of parameters.
    """
    return min(known, key=lambda other: (abs(math.log(size / other)), other))


def _rounded(rows: float) -> int:
    kept = min(max(rows, ROWS_LEAST), ROWS_MOST)
    step = 10 ** (math.floor(math.log10(kept)) - 1)
    return round(kept / step) * step
