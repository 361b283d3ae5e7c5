"""Which known texts share runs of words with a text: an index of hashed n-grams, candidates only.

A text is a row of tokens: words, numbers, single Chinese characters; case, punctuation and Unicode
forms do not count. Of each known text the `KEPT` rarest runs of `RUN` tokens are indexed, the rest
says no more; so an index of a million prompts has 16 million keys (320 MB). Runs that more than
`SHARED` known texts have are their template and lead nowhere.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeAlias

import xxhash

if TYPE_CHECKING:
    import numpy as np

    Keys: TypeAlias = np.ndarray[Any, np.dtype[np.uint64]]

RUN: Final = 5
"""Tokens of a run (measured in November 2026: 13 miss every fourth text with typing mistakes)."""
KEPT: Final = 16
SHARED: Final = 50
READ: Final = 100_000
"""Characters of a text that are read."""

_TOKEN = re.compile("[^\\W_\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]{1,64}|[\u3040-\u30ff\u3400-\u9fff]")
_MULTIPLIER: Final = 0x9E3779B97F4A7C15


class Hit(NamedTuple):
    """A run of a text that a known text has: which one, where in it, where in the text."""

    known: int
    there: int
    here: int


def tokens(text: str) -> list[str]:
    """Return the tokens of a text.

    >>> tokens("What is 2+2, “Ada”? 你好")
    ['what', 'is', '2', '2', 'ada', '你', '好']
    """
    text = text[:READ]
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text)
    return _TOKEN.findall(text.lower())


class TokenHashes:
    """Hashes of tokens, kept, because most tokens come again."""

    def __init__(self, most: int = 500_000) -> None:
        self._known: dict[str, int] = {}
        self._most = most

    def of(self, found: Sequence[str]) -> Keys:
        """Return a hash of 64 bits for each token."""
        import numpy as np

        known = self._known
        if len(known) > self._most:
            known.clear()
        for token in found:
            if token not in known:
                known[token] = xxhash.xxh64_intdigest(token.encode("utf-8", "surrogatepass"))
        return np.fromiter(map(known.__getitem__, found), dtype=np.uint64, count=len(found))


def run_keys(hashes: Keys) -> Keys:
    """Return the key of each run of `RUN` tokens; of a shorter text the one key of all of it."""
    import numpy as np

    size = len(hashes)
    if size == 0:
        return hashes
    width = min(RUN, size)
    key = np.full(size - width + 1, size if size < RUN else 0, dtype=np.uint64)
    for offset in range(width):
        key = key * np.uint64(_MULTIPLIER) + hashes[offset : size - width + 1 + offset]
        key ^= key >> np.uint64(31)
    return key


class NgramIndex:
    """The runs of known texts, sorted by key."""

    def __init__(self, keys: Iterable[Keys]) -> None:
        """Take the keys (`run_keys`) of each known text, in order."""
        import numpy as np

        rows = list(keys)
        self.sizes = np.array([len(row) for row in rows], dtype=np.int32)
        every = np.concatenate(rows) if rows else np.zeros(0, dtype=np.uint64)
        owner = np.repeat(np.arange(len(rows), dtype=np.int32), self.sizes)
        place = np.arange(len(every)) - np.repeat(np.cumsum(self.sizes) - self.sizes, self.sizes)
        order = np.argsort(every, kind="stable")
        every, owner, place = every[order], owner[order], place[order].astype(np.int32)
        first = np.flatnonzero(np.concatenate([[True], every[1:] != every[:-1]])) if len(every) else []
        often = np.diff(np.append(first, len(every)))
        shared = np.repeat(often, often) if len(every) else np.zeros(0, dtype=np.int64)
        # of each known text the rarest keys, and of equally rare ones those with the least hash
        best = np.lexsort((every, shared, owner))
        begins = np.cumsum(self.sizes) - self.sizes
        rank = np.arange(len(every)) - np.repeat(begins, self.sizes)
        kept = np.sort(best[(rank < KEPT) & (shared[best] <= SHARED)])
        self.keys, self.owners, self.places = every[kept], owner[kept], place[kept]
        self.kept = np.bincount(self.owners, minlength=len(rows))
        """How many keys of each known text are indexed."""

    def hits(self, keys: Keys) -> list[Hit]:
        """Return what known texts have of the runs of a text."""
        import numpy as np

        if not len(self.keys) or not len(keys):
            return []
        left = np.searchsorted(self.keys, keys, side="left")
        found = np.flatnonzero(self.keys[np.minimum(left, len(self.keys) - 1)] == keys)
        hits: list[Hit] = []
        for here in found.tolist():
            place = int(left[here])
            key = keys[here]
            while place < len(self.keys) and self.keys[place] == key:
                hits.append(Hit(int(self.owners[place]), int(self.places[place]), here))
                place += 1
        return hits
