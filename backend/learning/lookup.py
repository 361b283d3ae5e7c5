"""From the texts of many tasks to a model's features at once: numpy instead of a loop per letter.

The known runs of a field form a tree whose levels are characters; all places of all texts go down
it together, a character a step. What a task gives does not depend on the tasks it is asked with:
its features come sorted, its sums are made in that order.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from goldleaf.backend.learning.ngrams import LONGEST, plain

_DENSE = 1 << 22
"""Entries up to which the steps of a level are a table (8 MB); more are searched by halving."""
Integers: TypeAlias = NDArray[np.integer[Any]]
_APART = "\0"
"""Stands between texts: no run holds it, because U+0000 is read as a space."""


class _Level:
    """From a node and the next character to the node below: 0, a dead end, where there is none.

    Args:
        steps: (node, character) -> node below, both from 1 on.
        nodes: nodes above, the dead end included.
        letters: characters, the unknown one included.
    """

    def __init__(self, steps: Mapping[tuple[int, int], int], nodes: int, letters: int) -> None:
        self._letters = letters
        pairs = sorted((node * letters + char, below) for (node, char), below in steps.items())
        keys = np.array([key for key, _ in pairs], np.int64)
        below = np.array([node for _, node in pairs], np.min_scalar_type(len(pairs)))
        self._dense = nodes * letters <= _DENSE
        if self._dense:
            self._below = np.zeros(nodes * letters, below.dtype)
            self._below[keys] = below
        else:
            self._keys, self._below = np.append(keys, -1), np.append(below, 0)

    def down(self, nodes: Integers, chars: NDArray[np.int32]) -> Integers:
        """Return the node below each node."""
        if self._dense:
            return self._below[nodes.astype(np.int32) * np.int32(self._letters) + chars]
        found = np.zeros(len(nodes), self._below.dtype)
        alive = np.flatnonzero((nodes > 0) & (chars > 0))
        wanted = nodes[alive].astype(np.int64) * self._letters + chars[alive]
        places = np.searchsorted(self._keys[:-1], wanted)
        found[alive] = np.where(self._keys[places] == wanted, self._below[places], 0)
        return found


class FieldTree:
    """The columns of one field's runs.

    Args:
        columns: run -> column.
    """

    def __init__(self, columns: Mapping[str, int]) -> None:
        letters = sorted({char for run in columns for char in run})
        ids = {char: place for place, char in enumerate(letters, 1)}
        self._ids = np.zeros(ord(letters[-1]) + 2, np.int32)
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

    def found(self, texts: Sequence[str]) -> list[tuple[NDArray[np.int64], NDArray[np.int32]]]:
        """Return for each length of runs the places of known ones, and their columns.

        A place counts the characters of all texts, with one more between each two.
        """
        joined = _APART.join(texts).encode("utf-32-le", "surrogatepass")
        chars = self._ids.take(np.frombuffer(joined, np.uint32), mode="clip")
        nodes: Integers = chars
        result: list[tuple[NDArray[np.int64], NDArray[np.int32]]] = []
        for length, columns in enumerate(self._columns):
            if length:
                nodes = self._levels[length - 1].down(nodes[:-1], chars[length:])
            known = columns[nodes]
            places = np.flatnonzero(known >= 0)
            result.append((places, known[places]))
        return result


def _columns(nodes: Mapping[str, int], columns: Mapping[str, int]) -> NDArray[np.int32]:
    """Return the column of each node's run; -1 for the dead end and for mere beginnings."""
    found = np.full(len(nodes) + 1, -1, np.int32)
    for run, node in nodes.items():
        found[node] = columns.get(run, -1)
    return found


@dataclass(frozen=True, slots=True)
class Features:
    """What tasks hold, task by task, columns ascending: (task, column, how often)."""

    tasks: NDArray[np.int64]
    columns: NDArray[np.int64]
    counts: NDArray[np.int64]


class Lookup:
    """A model's vocabulary, by field.

    Args:
        vocabulary: `field:run` -> column, as `ngrams` names features.
    """

    def __init__(self, vocabulary: Mapping[str, int]) -> None:
        self._width = max(1, len(vocabulary))
        fields: dict[str, dict[str, int]] = {}
        for gram, column in vocabulary.items():
            for length in range(1, LONGEST + 1):
                if gram[-length - 1 : -length] == ":":
                    fields.setdefault(gram[: -length - 1], {})[gram[-length:]] = column
        self._trees = {name: FieldTree(columns) for name, columns in fields.items()}

    def features(self, tasks: Sequence[Mapping[str, str]]) -> Features:
        """Return the known features of tasks, given as their texts by field."""
        small = len(tasks) * self._width < 2**31  # sorted twice as fast
        parts: list[Integers] = [np.zeros(0, np.int32 if small else np.int64)]
        for name in {name for texts in tasks for name in texts} & self._trees.keys():
            rows = [place for place, texts in enumerate(tasks) if name in texts]
            texts = [plain(tasks[place][name]) for place in rows]
            lengths = [len(text) + 1 for text in texts]
            owners = np.repeat(np.array(rows, parts[0].dtype) * self._width, lengths)
            found = self._trees[name].found(texts)
            parts += [owners[places] + columns for places, columns in found]
        keys = np.sort(np.concatenate(parts))
        last = np.flatnonzero(np.append(keys[1:] != keys[:-1], True)[: len(keys)])
        counts = np.diff(last, prepend=-1)
        owners, columns = np.divmod(keys[last].astype(np.int64), self._width)
        return Features(owners, columns, counts)
