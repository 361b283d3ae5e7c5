"""Clusters of nearly the same prompts: who holds out whole clusters splits no question in two.

A prompt that is in training with a comma more is known to the model that is tested with it.
Splitting by the hash of a normal form keeps equal prompts together, and parts misspelt or extended
ones.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import polars as pl

from goldleaf.curation.engines.engine import Engine
from goldleaf.curation.engines.local import Local
from goldleaf.curation.near_duplicates.band_kernels import PROMPT
from goldleaf.curation.near_duplicates.near_duplicates import compare_rows, one_of_each_prompt
from goldleaf.curation.near_duplicates.placed_pairs import least_of_component

CLUSTERS = {"record": pl.String, "cluster": pl.String}
"""`cluster`: 16 hexadecimal digits, the least hash of the prompts in it; another set with these
very prompts gives it the same name."""


def prompt_clusters(
    rows: pl.DataFrame | Sequence[str | Path],
    work_folder: Path,
    engine: Engine | None = None,
    *,
    answers: bool = False,
) -> pl.DataFrame:
    """Return the cluster (`CLUSTERS`) of each record, ascending by record.

    Two prompts are in one cluster if they ask the same or share `text_similarity.SIMILAR_PROMPT` of
    their 5-grams, or if a chain of such pairs joins them. A record without a prompt is alone.

    Args:
        rows: a frame with `record` and `prompt`, or Parquet files of such frames.
        work_folder: for stages that another run finds again.
        engine: runs the kernels; in this process if None.
        answers: whether `near_duplicates` looks at the same rows in the same folder: the stages are
            then those that it needs, and done once for both.

    Raises:
        GoldleafError: a file cannot be read or written.
    """
    found = compare_rows(rows, work_folder, engine or Local(), answers=answers)
    asked = found.rows.select("record", "key", "prompt")
    alone = asked.filter(pl.col("prompt") == 0).select("record", pl.col("key").alias("cluster"))
    asked = asked.filter(pl.col("prompt") != 0)
    prompts = one_of_each_prompt(found.rows).sort("prompt")
    pairs = found.alike.filter(pl.col("kind") == PROMPT)
    number = prompts.select("key", pl.int_range(pl.len(), dtype=pl.Int64).alias("number"))
    edges = (
        pairs.select("a", "b")
        .join(number.rename({"key": "a", "number": "one"}), on="a")
        .join(number.rename({"key": "b", "number": "other"}), on="b")
    )
    least = least_of_component(prompts.height, edges["one"].to_numpy(), edges["other"].to_numpy())
    names = prompts.select("prompt", prompts["prompt"].gather(least).alias("cluster"))
    named = asked.join(names, on="prompt").select("record", "cluster")
    return (
        pl.concat([named, alone])
        .with_columns(pl.col("cluster").map_elements(lambda key: f"{key:016x}", pl.String))
        .sort("record")
    )
