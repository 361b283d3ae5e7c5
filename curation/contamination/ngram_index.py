"""Which known texts share runs of words with a text: an index of hashed n-grams, candidates only.

A text is a row of tokens: words, numbers, single Chinese characters; case, punctuation and Unicode
forms do not count. Of each known text the `KEPT` rarest runs of `RUN` tokens are indexed, the rest
says no more; so an index of a million prompts has 16 million keys (320 MB). Runs that more than
`SHARED` known texts have are their template and lead nowhere.
"""

from __future__ import annotations

import re
import unicodedata
from array import array
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeAlias

import xxhash

if TYPE_CHECKING:
    import numpy as np

    Keys: TypeAlias = np.ndarray[Any, np.dtype[np.uint64]]

RUN: Final = 5
"""Tokens of a run (measured in November 2026: 13 miss every fourth text with typing mistakes)."""
KEPT: Final = 16
READ_RUNS: Final = 32
"""Runs of a known text that are considered at all: those with the least hashes."""
SHARED: Final = 50
PAIRED: Final = 4
"""Rarest words of a known text that are paired."""
READ: Final = 100_000
"""Characters of a text that are read."""

_TOKEN = re.compile(
    "[^\\W_\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]{1,64}|[\u3040-\u30ff\u3400-\u9fff]"
)
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


def extent(found: Sequence[str]) -> float:
    """Return how many words tokens amount to; two Chinese characters count as one.

    >>> extent(["two", "words"]), extent(["你", "好"])
    (2.0, 1.0)
    """
    single = sum(1 for token in found if len(token) == 1 and token >= "\u3040")
    return len(found) - single / 2


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


def hash_of(found: Sequence[str]) -> int:
    """Return a hash of 64 bits of a row of tokens."""
    return xxhash.xxh64_intdigest(" ".join(found).encode("utf-8", "surrogatepass"))


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

        kept_keys, kept_places, counts = array("Q"), array("i"), array("q")
        for row in keys:
            least, places = _thinned(row)
            kept_keys.frombytes(least.tobytes())
            kept_places.frombytes(places.tobytes())
            counts.append(len(least))
        every, place, sizes = np.array(kept_keys), np.array(kept_places), np.array(counts)
        del kept_keys, kept_places
        owner = np.repeat(np.arange(len(sizes), dtype=np.int32), sizes)
        order = np.argsort(every, kind="stable")
        every, owner, place = every[order], owner[order], place[order]
        del order
        first = np.flatnonzero(np.append(True, every[1:] != every[:-1])[: len(every)])
        often = np.diff(np.append(first, len(every)))
        shared = np.repeat(often, often).astype(np.int32)
        # of each known text the rarest keys, and of equally rare ones those with the least hash
        best = np.lexsort((every, shared, owner))
        rank = np.arange(len(every)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
        kept = np.sort(best[(rank < KEPT) & (shared[best] <= SHARED)])
        self.keys, self.owners, self.places = every[kept], owner[kept], place[kept]
        self.sizes = sizes
        """How many of its keys were considered."""
        self.kept = np.bincount(self.owners, minlength=len(sizes))
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


class RarePairs:
    """Which known texts share two of their rarest words with a text."""

    def __init__(self, rarest: Iterable[Sequence[str]]) -> None:
        """Take the rarest words of each known text, in order; only the first `PAIRED` count."""
        import numpy as np

        keys, owners = array("Q"), array("i")
        for known, words in enumerate(rarest):
            for key in _pair_keys(words[:PAIRED]):
                keys.append(key)
                owners.append(known)
        every = np.array(keys)
        order = np.argsort(every, kind="stable")
        self._keys, self._owners = every[order], np.array(owners)[order]

    def hits(self, words: Sequence[str]) -> list[int]:
        """Return the known texts that share a pair of these words, each once, in order."""
        import numpy as np

        wanted = np.array(sorted(set(_pair_keys(words))), dtype=np.uint64)
        left = np.searchsorted(self._keys, wanted, side="left")
        right = np.searchsorted(self._keys, wanted, side="right")
        found: set[int] = set()
        for start, end in zip(left.tolist(), right.tolist(), strict=True):
            if end - start <= SHARED:
                found.update(self._owners[start:end].tolist())
        return sorted(found)


def _pair_keys(words: Sequence[str]) -> list[int]:
    ordered = sorted(set(words))
    return [
        hash_of((one, other))
        for number, one in enumerate(ordered)
        for other in ordered[number + 1 :]
    ]


def _thinned(keys: Keys) -> tuple[Keys, np.ndarray[Any, np.dtype[np.int32]]]:
    """Return the `READ_RUNS` least keys of a text and their places, in order."""
    import numpy as np

    if len(keys) <= READ_RUNS:
        return keys, np.arange(len(keys), dtype=np.int32)
    least = np.sort(np.argpartition(keys, READ_RUNS)[:READ_RUNS])
    return keys[least], least.astype(np.int32)
