"""Prompts as weighted words and runs of characters: rare words tell what sentence vectors miss.

Nothing is reduced: beside the few seeds there are, an SVD loses the rare words that tell harm
(measured on HarmBench's 200 plain requests, none of which is a seed, at equally many refusals of
XSTest's harmless prompts: .82 found with it, .90 without). What the seeds' terms are is shipped:
to read the seeds anew would take 2 CPU seconds in every process.
"""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from goldleaf.curation.refusals.word_kinds import with_kinds
from goldleaf.curation.texts.word_runs import RunNumbers, runs_of

READ: Final = 600
"""Characters of a prompt that are read."""
BLOCKS: Final = ("runs", "words", "kinds")
"""Of terms: runs of characters, words and their pairs, the same after kinds replaced words."""
_RUN: Final = (1, 4)
_HAN = "\u3400-\u9fff"
_WORD: Final = re.compile(r"\b\w+\b")
_KIND: Final = re.compile(rf"[{_HAN}]|[^\W{_HAN}]+")
"""With kinds a Chinese character is a word, since kinds stand in the midst of its runs."""


class Cells(NamedTuple):
    """What is not zero in a matrix (prompts, terms), by row, then by column."""

    row: NDArray[np.int64]
    column: NDArray[np.int64]
    value: NDArray[np.float64]


class PromptTerms:
    """TF-IDF of words and pairs, of runs of 1-4 characters within words, and of kinds of words.

    The kinds (`with_kinds`) let a seed speak for persons, games or crimes that no seed names. A
    prompt's numbers depend on the seeds and on the prompt alone, never on the prompts beside it.

    Args:
        terms: those of each of `BLOCKS`.
        seen: in how many seeds each term stands, one block after the other.
        seeds: how many there are.
    """

    def __init__(
        self, terms: Sequence[Sequence[str]], seen: NDArray[np.uint16], seeds: int
    ) -> None:
        self._terms, self._seen, self._seeds = terms, seen, seeds
        self._rarity = np.log((1 + seeds) / (1 + seen.astype(np.float64))) + 1
        self._block = np.repeat(np.arange(len(BLOCKS)), [len(each) for each in terms])
        numbers: list[dict[str, int]] = []
        start = 0
        for its in terms:
            numbers.append(dict(zip(its, range(start, start + len(its)), strict=True)))
            start += len(its)
        self._runs = RunNumbers(numbers[0], *_RUN)
        self._words, self._kinds = numbers[1:]

    @classmethod
    def of(cls, seeds: Sequence[str]) -> PromptTerms:
        """Return the terms of seeds, each block's in the order of their characters."""
        seen = [Counter[str]() for _ in BLOCKS]
        for seed in seeds:
            for counted, its in zip(seen, _terms_of(seed[:READ]), strict=True):
                counted.update(set(its))
        terms = [sorted(each) for each in seen]
        counts = [each[term] for each, its in zip(seen, terms, strict=True) for term in its]
        return cls(terms, np.array(counts, np.uint16), len(seeds))

    @classmethod
    def restored(cls, stored: Mapping[str, Any]) -> PromptTerms:
        """Return the terms that `stored` gave."""
        terms = [stored[name].split("\n") for name in BLOCKS]
        return cls(terms, unpacked(stored["seen"], "<u2"), stored["seeds"])

    def stored(self) -> dict[str, Any]:
        """Return what a JSON file keeps of the terms."""
        joined = {name: "\n".join(each) for name, each in zip(BLOCKS, self._terms, strict=True)}
        return {"seeds": self._seeds, **joined, "seen": packed(self._seen, "<u2")}

    def __len__(self) -> int:
        return len(self._seen)

    def read(self, prompts: Sequence[str]) -> Cells:
        """Return the cells of prompts: in each block, a row's have the length 1 / sqrt(blocks)."""
        width = len(self)
        cells: list[NDArray[np.int64]] = [np.zeros(0, np.int64)]
        for row, prompt in enumerate(prompts):
            cells.extend(its + np.int64(row * width) for its in self._numbers(prompt[:READ]))
        cell, times = np.unique(np.concatenate(cells), return_counts=True)
        row, column = np.divmod(cell, width)
        value = (1 + np.log(times)) * self._rarity[column]
        part = row * len(BLOCKS) + self._block[column]
        length = np.sqrt(np.bincount(part, value**2))
        return Cells(row, column, value / (length[part] * np.sqrt(len(BLOCKS))))

    def _numbers(self, text: str) -> Iterator[NDArray[Any]]:
        yield from self._runs.of(text)
        lower, kinds = _words_of(text), _kinds_of(text)
        found = [*map(self._words.get, lower), *map(self._kinds.get, kinds)]
        yield np.array([number for number in found if number is not None], np.int64)


def _terms_of(text: str) -> tuple[list[str], list[str], list[str]]:
    runs = [run for word in text.lower().split() for run in runs_of(word, *_RUN)]
    return runs, _words_of(text), _kinds_of(text)


def _words_of(text: str) -> list[str]:
    return _with_pairs(_WORD.findall(text.lower()))


def _kinds_of(text: str) -> list[str]:
    return _with_pairs(_KIND.findall(with_kinds(text)))


def _with_pairs(words: list[str]) -> list[str]:
    return [*words, *(f"{one} {other}" for one, other in pairwise(words))]


def packed(numbers: NDArray[Any], kind: str) -> str:
    """Return numbers as Base64 of a NumPy type, whose name says the order of bytes."""
    return b64encode(numbers.astype(kind).tobytes()).decode("ascii")


def unpacked(text: str, kind: str) -> NDArray[Any]:
    """Return the numbers that `packed` wrote."""
    return np.frombuffer(b64decode(text), kind)
