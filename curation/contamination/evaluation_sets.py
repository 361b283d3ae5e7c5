"""Public evaluation sets that goldleaf knows by hashes alone, and may therefore be shipped.

`evaluation_sets/evaluation_sets.toml` says of each where it is from, under which licence, and how
many prompts it has; `NAME.npy` has their hashes. None is looked for unless it is named: a person
who trains on such a set, or labels it, is not to lose it for having asked for nothing.

`benchmarks/evaluation_sets.py` makes the files from the originals, and measures what they find.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import polars as pl

from goldleaf.core.errors import UsageError
from goldleaf.core.nearest_name import nearest_or_all
from goldleaf.curation.contamination.hashed_evaluation import HASHED, MOST

if TYPE_CHECKING:
    import numpy as np

    Packed: TypeAlias = np.ndarray[Any, np.dtype[np.void]]

ALL: Final = "all"
_FOLDER = files("goldleaf.curation.contamination").joinpath("evaluation_sets")
_COLUMNS = [("file", "u1"), ("row", "<u2"), ("runs", "<u2"), ("keys", "<u4", (MOST,))]
"""One prompt in a `.npy`: the number of its file, its line or place there, its different runs, and
its kept keys, filled up with zeros. Plain arrays, because their bytes depend on no release of a
library, and hashes do not compress."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluationSet:
    """Where an evaluation set is from, and how many prompts it has.

    `hashed`: the prompts that can be told from others; `sha256`: of the prompts that were hashed;
    `copy`: the repository from which the file was taken, where it was not `repository` itself.
    """

    name: str
    title: str
    repository: str
    commit: str
    files: tuple[str, ...]
    licence: str
    rows: int
    hashed: int
    sha256: str
    copy: str = ""

    def of(self, file: int, row: int) -> str:
        """Return the name of a row: `gsm8k:17`, `big_bench_hard:navigate:17` of several files."""
        if len(self.files) == 1:
            return f"{self.name}:{row}"
        stem = self.files[file].rsplit("/", 1)[-1].partition(".")[0]
        return f"{self.name}:{stem}:{row}"


@cache
def evaluation_sets() -> Mapping[str, EvaluationSet]:
    """Return the shipped evaluation sets by name."""
    text = _FOLDER.joinpath("evaluation_sets.toml").read_text("utf-8")
    read = tomllib.loads(text).items()
    return {
        name: EvaluationSet(name=name, **{**keys, "files": tuple(keys["files"])})
        for name, keys in sorted(read)
    }


def sets_named(names: Iterable[str]) -> tuple[str, ...]:
    """Return the names of evaluation sets, sorted, each once; `all` stands for every one.

    Raises:
        UsageError: there is no such set; the nearest is named.
    """
    known = evaluation_sets()
    wanted = set(names)
    for name in sorted(wanted - {ALL}):
        if name not in known:
            fix = nearest_or_all(name, [*known, ALL], "evaluation sets are")
            what = f"There is no evaluation set {name!r}."
            raise UsageError(what, where="--eval-set", fix=fix)
    return tuple(sorted(known if ALL in wanted else wanted))


def read_hashed(names: Iterable[str]) -> pl.DataFrame:
    """Return the hashes (`HASHED`) of shipped sets; of equal prompts the one with the least id."""
    import numpy as np

    rows: list[tuple[str, int, tuple[int, ...]]] = []
    for name in sorted(set(names)):
        with _FOLDER.joinpath(f"{name}.npy").open("rb") as file:
            packed = np.load(file, allow_pickle=False)
        rows.extend(_unpacked(evaluation_sets()[name], packed))
    frame = pl.DataFrame(rows, schema=HASHED, orient="row")
    return frame.sort("of").unique("keys", keep="first", maintain_order=True)


def packed(rows: Sequence[tuple[int, int, int, Sequence[int]]]) -> Packed:
    """Return (file, row, runs, keys) of the prompts of a set as the array that is shipped."""
    import numpy as np

    array = np.zeros(len(rows), dtype=_COLUMNS)
    for number, (file, row, runs, keys) in enumerate(rows):
        array[number] = (file, row, min(runs, 65_535), [*keys, *[0] * (MOST - len(keys))])
    return array


def _unpacked(known: EvaluationSet, array: Packed) -> Iterator[tuple[str, int, tuple[int, ...]]]:
    for each in array:
        keys = tuple(int(key) for key in each["keys"] if key)
        yield known.of(int(each["file"]), int(each["row"])), int(each["runs"]), keys
