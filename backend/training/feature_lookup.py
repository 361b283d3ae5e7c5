"""From the texts of a task to a model's features: numpy instead of a loop per letter.

The known runs of a field form a tree whose levels are characters; all places of a text go down it
together, a character a step. Few calls, because each of them lets another thread in, and taking
turns costs a server more than the sums.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from goldleaf.backend.training.ngrams import LONGEST, plain

_DENSE = 1 << 22
"""Entries up to which the steps of a level are a table (8 MB); more are searched by halving."""
_COUNTED = 1 << 18
"""Columns of all tasks that are counted at once (2 MB): what fits into a processor's cache."""
_NO_LETTER = b"\xff\xff\xff\xff"
"""Stands behind each text; it is in no run."""
Integers: TypeAlias = NDArray[np.integer[Any]]


class _Level:
    """From a node and the next character to the node below: 0, a dead end, where there is none.

    Args:
        steps: (node, character) -> node below, both from 1 on.
        nodes: nodes above, the dead end included.
        letters: characters, the unknown one included.
    """

    def __init__(self, steps: Mapping[tuple[int, int], int], nodes: int, letters: int) -> None:
        self._letters = np.int64(letters)
        pairs = sorted((node * letters + char, below) for (node, char), below in steps.items())
        keys = np.array([key for key, _ in pairs], np.int64)
        below = np.array([node for _, node in pairs], np.min_scalar_type(len(pairs)))
        self._dense = nodes * letters <= _DENSE
        if self._dense:
            self._below = np.zeros(nodes * letters, below.dtype)
            self._below[keys] = below
        else:
            self._keys, self._below = np.append(keys, -1), np.append(below, 0)

    def down(self, nodes: Integers, chars: NDArray[np.int64]) -> Integers:
        """Return the node below each node."""
        if self._dense:
            return self._below.take(nodes * self._letters + chars)
        found = np.zeros(len(nodes), self._below.dtype)
        alive = np.flatnonzero((nodes > 0) & (chars > 0))
        wanted = nodes[alive] * self._letters + chars[alive]
        places = np.searchsorted(self._keys[:-1], wanted)
        found[alive] = np.where(self._keys[places] == wanted, self._below[places], 0)
        return found


class FieldTree:
    """The columns of one field's runs.

    Args:
        columns: run of 1 to `LONGEST` characters -> column; not empty.
    """

    def __init__(self, columns: Mapping[str, int]) -> None:
        letters = sorted({char for run in columns for char in run})
        ids = {char: place for place, char in enumerate(letters, 1)}
        self._ids = np.zeros(ord(letters[-1]) + 2, np.int64)
        for char, place in ids.items():
            self._ids[ord(char)] = place
        above = ids
        self._columns = [_columns(above, columns)]
        self._levels: list[_Level] = []
        for length in range(2, LONGEST + 1):
            runs = sorted({run[:length] for run in columns if len(run) >= length})
            here = {run: place for place, run in enumerate(runs, 1)}
            steps = {(above[run[:-1]], ids[run[-1]]): place for run, place in here.items()}
            self._levels.append(_Level(steps, len(above) + 1, len(ids) + 1))
            self._columns.append(_columns(here, columns))
            above = here

    def found(self, texts: Sequence[str]) -> tuple[NDArray[np.int64], list[NDArray[np.int32]]]:
        """Return how many places each text takes, and what begins at each of all their places.

        The latter for each length of runs, 1 to `LONGEST`: the run's column + 1, or 0, one array a
        length, each an element shorter than the one before. A text takes a place more than it has
        characters, at which nothing begins. `texts` must be normalized by `ngrams.plain`.
        """
        encoded = [text.encode("utf-32-le", "surrogatepass") for text in texts]
        letters = np.frombuffer(_NO_LETTER.join((*encoded, b"")), np.uint32)
        chars = self._ids.take(letters, mode="clip")
        nodes: Integers = chars
        result = [self._columns[0].take(nodes)]
        for length, level in enumerate(self._levels, 1):
            nodes = level.down(nodes[:-1], chars[length:])
            result.append(self._columns[length].take(nodes))
        return np.array([len(each) // 4 + 1 for each in encoded]), result


def _columns(nodes: Mapping[str, int], columns: Mapping[str, int]) -> NDArray[np.int32]:
    """Return the column + 1 of each node's run; 0 for the dead end and for mere beginnings."""
    found = np.zeros(len(nodes) + 1, np.int32)
    for run, node in nodes.items():
        found[node] = columns.get(run, -1) + 1
    return found


class Lookup:
    """A model's vocabulary, by field.

    Args:
        vocabulary: `field:run` -> column; runs of 1 to `LONGEST` characters of `plain` texts.
    """

    def __init__(self, vocabulary: Mapping[str, int]) -> None:
        fields: dict[str, dict[str, int]] = {}
        for gram, column in vocabulary.items():
            for length in range(1, LONGEST + 1):
                if gram[-length - 1 : -length] == ":":
                    fields.setdefault(gram[: -length - 1], {})[gram[-length:]] = column
        self._trees = {name: FieldTree(columns) for name, columns in fields.items()}
        self._width = 1 + max(vocabulary.values(), default=0) + 1
        self._together = max(1, _COUNTED // self._width)

    def features(self, texts: Mapping[str, str]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return the columns, ascending, that a task's texts hold, and how often each.

        Two arrays of equal length, empty where nothing is known. `texts` are as `texts_of` returns
        them; fields and runs outside the vocabulary are ignored.
        """
        _, columns, counts = self.features_of([texts])
        return columns, counts

    def features_of(
        self, tasks: Sequence[Mapping[str, str]]
    ) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
        """Return what `features` says of several tasks: which task, which column, how often.

        Three arrays of equal length, task by task.
        """
        if len(tasks) > self._together:
            half = len(tasks) // 2
            first, last = self.features_of(tasks[:half]), self.features_of(tasks[half:])
            places, columns, counts = (
                np.concatenate(each) for each in zip(first, last, strict=True)
            )
            places[len(first[0]) :] += half
            return places, columns, counts
        parts: list[Integers] = [np.zeros(1, np.int64)]
        for name, tree in self._trees.items():
            having = [place for place, texts in enumerate(tasks) if name in texts]
            if not having:
                continue
            sizes, found = tree.found([plain(tasks[place][name]) for place in having])
            if len(tasks) == 1:
                parts += found
                continue
            # Of each task its own columns: what is counted at once must not be mixed.
            begins = np.repeat(np.array(having) * self._width, sizes)
            for columns in found:
                known = columns.nonzero()[0]
                parts.append(begins.take(known) + columns.take(known))
        counts = np.bincount(np.concatenate(parts))
        counts[0] = 0
        keys = (counts > 0).nonzero()[0]  # of truth values it takes half the time
        places = keys // self._width
        return places, keys - places * self._width - 1, counts.take(keys)
