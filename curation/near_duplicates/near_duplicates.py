"""Near duplicates of a set: rows whose prompt and answer nearly are those of a row that stays.

    forms      same text up to case, spaces, punctuation; signatures   exchange by content
    pairs      rows, and prompts, that share a band of a signature     exchange by band
    close      those whose whole signatures are alike                  exchange by first row
    compared   those that are alike by their texts                     exchange by first row

Of each group of equals the row with the highest `preference` stays, then the one with the least id.
A row goes only if it is alike to a row that stays (leader rule): the result does not depend on the
order of the rows, and a chain of small changes does not unite its ends. A row that stays may ask
what a better one asks and be answered otherwise (`same_prompt`): it is no duplicate.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from goldleaf.curation.engines.engine import PARTITION, Engine
from goldleaf.curation.engines.local import Local
from goldleaf.curation.engines.stages import Stages, files_hash
from goldleaf.curation.near_duplicates.band_kernels import (
    BAND_VERSION,
    ROW,
    SKETCHES,
    Bands,
    Close,
    Needed,
)
from goldleaf.curation.near_duplicates.candidate_pairs import (
    BANDS,
    ESTIMATED,
    PAIRS,
    closest,
    pairs_of_bands,
    unique_pairs,
)
from goldleaf.curation.near_duplicates.common_shingles import COUNTS, common_buckets
from goldleaf.curation.near_duplicates.leader_rule import duplicate_verdicts, open_pairs
from goldleaf.curation.near_duplicates.pair_kernels import (
    COMPARE_VERSION,
    COMPARED,
    DOCUMENTS,
    Compare,
    Documents,
)
from goldleaf.curation.near_duplicates.placed_pairs import (
    needed_texts,
    placed_apart,
    placed_together,
)
from goldleaf.curation.near_duplicates.record_parts import count_rows, write_parts
from goldleaf.curation.near_duplicates.sketch_kernels import SKETCH_VERSION, Count, Sketch
from goldleaf.curation.near_duplicates.text_forms import FORMS, LEADERS, LED, leaders

NAME = "near_duplicate"
VERSION = "2"
CLOSEST = 24
"""Pairs of a text that are compared, the closest by their signatures."""
PASS_ROWS = 250_000
"""Rows whose bands are in memory at once, 1.5 kB each; of more, so many passes are made."""
ROUNDS = 4
"""Times that pairs are compared; each time there are fewer."""
VERDICTS = {
    "record": pl.String,
    "verdict": pl.String,
    "of": pl.String,
    "score": pl.Float64,
    "reason": pl.String,
}
"""`record`; `verdict`: `duplicate` or `same_prompt`; `of`: the record that stays; `score`: share of
equal 5-grams, 0 to 1; `reason`: a few words."""


def near_duplicates(
    rows: pl.DataFrame | Sequence[str | Path],
    work_folder: Path,
    engine: Engine | None = None,
) -> pl.DataFrame:
    """Return the verdicts (`VERDICTS`) on a set, ascending by record.

    Args:
        rows: columns `record`, `prompt`, `answer` and, if known, `structured`, `preference` of
            `RECORDS`; or Parquet files of such rows, read several times, each fitting in memory.
        work_folder: for stages that another run finds again.
        engine: runs the kernels; in this process if None.

    Raises:
        GoldleafError: a file cannot be read or written.
    """
    found = compare_rows(rows, work_folder, engine or Local())
    return duplicate_verdicts(found.rows, found.alike)


@dataclass(frozen=True)
class Compared:
    """What comparing gives.

    Attributes:
        rows: `LEADERS`.
        alike: `COMPARED`.
        computed: names of the stages that were not there already.
    """

    rows: pl.DataFrame
    alike: pl.DataFrame
    computed: tuple[str, ...]


def compare_rows(
    rows: pl.DataFrame | Sequence[str | Path],
    work_folder: Path,
    engine: Engine,
    *,
    answers: bool = True,
) -> Compared:
    """Return which rows, and which prompts, are alike.

    Args:
        rows: as in `near_duplicates`.
        work_folder: for the stages.
        engine: runs the kernels.
        answers: whether rows are compared, not only prompts.
    """
    parts = write_parts(rows, work_folder)
    configuration = {"screen": NAME, "version": VERSION, "answers": answers}
    stages = Stages(work_folder, engine, files_hash(parts), configuration)
    source = engine.source(parts)

    def sketches() -> Any:
        counts = engine.collect(engine.map(source, Count(count_rows(parts)), COUNTS))
        return engine.map(source, Sketch(common_buckets(counts), answers), FORMS)

    signed = stages.exchange("forms", sketches, leaders, LED, SKETCH_VERSION)
    known = stages.collect(signed, LEADERS)
    hashed = engine.source(signed)
    prompts = np.sort(one_of_each_prompt(known)["key"].to_numpy())
    files: list[str] = []
    passes = 1 + known.height // PASS_ROWS
    for number in range(passes):
        own = Bands(prompts, number, passes)
        found = stages.exchange(
            "pairs" if passes == 1 else f"pairs-{number}",
            partial(engine.map, hashed, own, BANDS),
            pairs_of_bands,
            PAIRS,
            BAND_VERSION,
        )
        files.extend(found)
    pairs = placed_apart(unique_pairs(stages.collect(files, PAIRS)))
    close = stages.exchange(
        "close",
        lambda: engine.map(hashed, Needed(needed_texts(pairs)), SKETCHES),
        Close(pairs),
        ESTIMATED,
        BAND_VERSION,
    )
    pairs = closest(stages.collect(close, ESTIMATED), CLOSEST)
    alike = _compared(stages, "compared", source, pairs, known)
    # A row whose better neighbours all go is compared with the rows that they go for.
    for again in range(1, ROUNDS):
        pairs = open_pairs(known, alike).join(pairs, on=["kind", "a", "b"], how="anti")
        if not pairs.height:
            break
        found = _compared(stages, f"compared-{again}", source, pairs, known)
        alike = pl.concat([alike, found])
    return Compared(known, alike.sort("kind", "a", "b"), tuple(stages.done))


def _compared(
    stages: Stages, name: str, source: Any, pairs: pl.DataFrame, known: pl.DataFrame
) -> pl.DataFrame:
    """Return the pairs that are alike by their texts."""
    pairs = placed_together(pairs)
    answers = (pl.col("kind") == ROW).any().alias("answers")
    texts = needed_texts(pairs).group_by("key", PARTITION).agg(answers)
    texts = texts.join(known.select("key", "record"), on="key")

    def documents() -> Any:
        return stages.engine.map(source, Documents(texts), DOCUMENTS)

    files = stages.exchange(name, documents, Compare(pairs), COMPARED, COMPARE_VERSION)
    return stages.collect(files, COMPARED)


def one_of_each_prompt(known: pl.DataFrame) -> pl.DataFrame:
    """Return the row (`key`) that stands for each `prompt`: one that has signatures."""
    asked = known.filter(pl.col("prompt") != 0, pl.col("key") == pl.col("leader"))
    return asked.group_by("prompt").agg(pl.col("key").min())
