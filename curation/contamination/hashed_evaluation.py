"""An evaluation set as hashes of runs of its words: it can be looked for, and hardly be read.

Where the prompts themselves are not passed on, their hashes still tell whether a training row holds
one. Of each prompt at most `MOST` hashes of 32 bits are kept, of runs of five words; what is short
or can be guessed can be found again from them, so this hides no secret.

A set is often made from templates ("Write a python function to find the ..."): runs that more than
`SHARED` of its prompts have tell none of them, and a prompt that has nothing else is left out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Final, NamedTuple

import polars as pl

from goldleaf.curation.contamination.contamination import CONTAMINATION
from goldleaf.curation.contamination.ngram_index import (
    RUN,
    NgramIndex,
    TokenHashes,
    extent,
    run_keys,
    tokens,
)

if TYPE_CHECKING:
    from goldleaf.curation.contamination.ngram_index import Keys

HASHED: Final = {"of": pl.String, "runs": pl.UInt32, "keys": pl.List(pl.UInt32)}
"""One row an evaluation prompt: the name of its set and its row, how many different runs it has,
and the first 32 bits of the keys of some (`goldleaf.curation.contamination.ngram_index.run_keys`).
"""
MOST: Final = 16
"""Keys kept of a prompt: those that the fewest prompts of its set have, then the least."""
SHORTEST: Final = 7
"""Words of a prompt, two Chinese characters for one, below which anybody may ask the same.

Not below `RUN`."""
SHARED: Final = 3
"""Prompts of a set that may have a run which tells them."""
CONTAINED: Final = 0.8
"""Share of the kept keys that a text must have to hold the prompt."""
SIMILAR: Final = 0.35
"""The same for `similar`: six of 16."""
FEWEST: Final = 4
"""Runs below which a prompt is too short to be told by some: a whole text or line must be it."""
PIECE: Final = 6
"""Kept keys that a text must have which has not all of them, and an answer in any case."""
LINES, LINE = 50, 120
"""Lines of a text, and characters of one, that may be a short prompt."""
BATCH: Final = 1_000
"""Records whose runs are hashed at once."""
_SIEVE: Final = 1 << 22
"""Places of a sieve that most runs of other texts do not pass."""


class Held(NamedTuple):
    """An evaluation prompt in a text: its number, how many and which share of its kept keys."""

    known: int
    hits: int
    share: float


def kept_keys(prompts: Iterable[str]) -> list[tuple[int, list[int]]]:
    """Return (different runs, kept keys) of each prompt of a set; no key where nothing tells it."""
    hashes = TokenHashes()
    every = [
        _different(_keys(hashes, words)) if extent(words) >= SHORTEST else set()
        for words in map(tokens, prompts)
    ]
    often: Counter[int] = Counter()
    for keys in every:
        often.update(keys)
    found: list[tuple[int, list[int]]] = []
    for keys in every:
        own = sorted((often[key], key) for key in keys if often[key] <= SHARED)
        told = len(own) >= min(FEWEST, len(keys))
        found.append((len(keys), sorted(key for _, key in own[:MOST]) if told else []))
    return found


def hashed(name: str, prompts: Iterable[tuple[str, str]]) -> pl.DataFrame:
    """Return the hashed form (`HASHED`) of an evaluation set.

    Args:
        name: of the set; `of` becomes "name:row".
        prompts: (row, text) of each prompt. Those that nothing tells from others are left out.
    """
    named = list(prompts)
    kept = kept_keys(text for _, text in named)
    rows = [
        (f"{name}:{row}", runs, keys)
        for (row, _), (runs, keys) in zip(named, kept, strict=True)
        if keys
    ]
    return pl.DataFrame(rows, schema=HASHED, orient="row").sort("of")


class HashedEvaluation:
    """Evaluation prompts of which only hashes are known, ready to be looked for."""

    def __init__(self, known: pl.DataFrame) -> None:
        """Take `HASHED`, of one set or of several; the order of its rows plays no part."""
        import numpy as np

        rows = known.sort("of")
        self.of: list[str] = rows["of"].to_list()
        keys: list[list[int]] = rows["keys"].to_list()
        few = [runs < FEWEST for runs in rows["runs"].to_list()]
        self.index = NgramIndex(
            np.array([] if short else each, dtype=np.uint64)
            for each, short in zip(keys, few, strict=True)
        )
        self.short: dict[tuple[int, ...], int] = {}
        for number, each in enumerate(keys):
            if few[number]:
                self.short.setdefault(tuple(each), number)
        self.sizes = [len(each) for each in keys]
        every = {key for each in keys for key in each}
        self._every = np.array(sorted(every), dtype=np.uint64)
        self._sieve = np.zeros(_SIEVE, dtype=np.bool_)
        self._sieve[self._every % np.uint64(_SIEVE)] = True
        self.hashes = TokenHashes()

    def may_hold(self, texts: Sequence[str]) -> list[bool]:
        """Return of each text whether it has a kept key: all at once, since hardly any has one."""
        import numpy as np

        words = [tokens(text) for text in texts]
        sizes = np.array([len(each) for each in words], dtype=np.int64)
        keys = _keys(self.hashes, [word for each in words for word in each])
        told = np.zeros(len(texts), dtype=np.bool_)
        if sizes.sum() < RUN:
            return told.tolist()
        places = np.flatnonzero(self._sieve[keys % np.uint64(_SIEVE)])
        left = np.searchsorted(self._every, keys[places])
        left[left == len(self._every)] = 0
        places = places[self._every[left] == keys[places]]
        ends = np.cumsum(sizes)
        owner = np.searchsorted(ends, places, side="right")
        told[owner[places + RUN <= ends[owner]]] = True
        return told.tolist()

    def in_prompt(self, prompt: str) -> tuple[str, Held] | None:
        """Return the verdict and the evaluation prompt that a prompt holds or resembles most."""
        best = max(self._held(prompt), key=_order, default=None)
        if best is None:
            return None
        return ("contained" if best.share >= CONTAINED else "similar"), best

    def in_answer(self, answer: str) -> tuple[str, Held] | None:
        """Return the evaluation prompt that stands in an answer."""
        found = self.in_prompt(answer)
        inside = found and found[0] == "contained" and found[1].hits >= PIECE
        return found if inside else None

    def _held(self, text: str) -> Iterator[Held]:
        """Yield the evaluation prompts that a text holds or resembles."""
        import numpy as np

        keys = _keys(self.hashes, tokens(text))
        yield from self._short(keys)
        hits = self.index.hits(np.unique(keys))
        for known, count in Counter(hit.known for hit in hits).items():
            share = count / self.sizes[known]
            if share == 1.0 or (share >= SIMILAR and count >= PIECE):
                yield Held(known, count, share)
        if self.short and "\n" in text:
            for line in text.split("\n", LINES)[:LINES]:
                if len(line) <= LINE and len(words := tokens(line)) < RUN + FEWEST - 1:
                    yield from self._short(_keys(self.hashes, words))

    def _short(self, keys: Keys) -> Iterator[Held]:
        """Yield the short evaluation prompt that a whole text, or a line of one, is."""
        if len(keys) < FEWEST:
            known = self.short.get(tuple(sorted(_different(keys))))
            if known is not None:
                yield Held(known, len(keys), 1.0)


def hashed_contamination(records: pl.DataFrame, known: HashedEvaluation) -> pl.DataFrame:
    """Return which records hold an evaluation prompt of which only hashes are known.

    Args:
        records: columns `record`, `prompt` and `answer` of `RECORDS`.
        known: the prompts that must not be learned.

    Returns:
        `CONTAMINATION`; `score` is the share of kept keys that the text has.
    """
    rows: list[tuple[str, str, str, float, str]] = []
    for start in range(0, records.height, BATCH):
        batch = records.slice(start, BATCH)
        prompts, answers = (batch[name].fill_null("").to_list() for name in ("prompt", "answer"))
        rows.extend(_found(batch["record"].to_list(), prompts, answers, known))
    return pl.DataFrame(rows, schema=CONTAMINATION, orient="row")


def _found(
    records: list[str], prompts: list[str], answers: list[str], known: HashedEvaluation
) -> Iterator[tuple[str, str, str, float, str]]:
    """Yield the rows of `CONTAMINATION` of some records."""
    asked, answered = known.may_hold(prompts), known.may_hold(answers)
    for number, record in enumerate(records):
        found, place = (known.in_prompt(prompts[number]) if asked[number] else None), ""
        if answered[number] and (found is None or found[0] != "contained"):
            inside = known.in_answer(answers[number])
            found, place = (inside, "in the answer: ") if inside else (found, place)
        if found is not None:
            verdict, held = found
            reason = f"{place}{held.hits} of {known.sizes[held.known]} kept runs of words"
            yield record, verdict, known.of[held.known], round(held.share, 3), reason


def _keys(hashes: TokenHashes, words: Sequence[str]) -> Keys:
    """Return the first 32 bits of the keys of a text's runs."""
    import numpy as np

    return np.right_shift(run_keys(hashes.of(words)), np.uint64(32))


def _different(keys: Keys) -> set[int]:
    return {int(key) for key in keys}


def _order(held: Held) -> tuple[float, int, int]:
    return held.share, held.hits, -held.known
