"""Preference pairs of one prompt combined: cycles, and answers that win and lose."""

from __future__ import annotations

from typing import Any, TypeAlias, cast

import numpy as np
import polars as pl

from goldleaf.curation.repeated_values import is_repeated

Nodes: TypeAlias = "np.ndarray[Any, np.dtype[np.uint32]]"


def in_cycles(examples: pl.DataFrame) -> pl.Series:
    """Return the numbers of preference pairs in a cycle: a over b, b over c, c over a.

    Two answers that lead to each other through pairs are in one strongly connected component. Two
    opposite pairs are a cycle, too. A pair of two equal texts, and any use but `dpo`, is ignored.

    Args:
        examples: number, use, prompt, answer (the better one) and other, as hashes.
    """
    pairs = _pairs(examples)
    lost = pairs.select("prompt", answer="other").unique()
    won = pairs.select("prompt", other="answer").unique()
    both = ["prompt", "answer"], ["prompt", "other"]
    inner = pairs.join(lost, on=both[0], how="semi").join(won, on=both[1], how="semi")
    if not inner.height:
        return inner["number"]
    ends = [inner.select("prompt", text=end) for end in ("answer", "other")]
    texts = pl.concat(ends).unique().with_row_index("node")
    edges = inner
    for end, name in (("answer", "from"), ("other", "to")):
        edges = edges.join(
            texts.rename({"text": end, "node": name}), on=["prompt", end], maintain_order="left"
        )
    start, end = edges["from"].to_numpy(), edges["to"].to_numpy()
    component = _components(start, end, texts.height)
    return edges["number"].filter(pl.Series(component[start] == component[end]))


def _components(start: Nodes, end: Nodes, nodes: int) -> Nodes:
    """Return the strongly connected component of each node of a directed graph."""
    from scipy.sparse import coo_array  # pyright: ignore
    from scipy.sparse.csgraph import connected_components  # pyright: ignore

    edges = (np.ones(len(start), dtype=np.int8), (start, end))
    graph = coo_array(edges, shape=(nodes, nodes))
    _, component = cast("tuple[int, Nodes]", connected_components(graph, connection="strong"))
    return component


def outranked(examples: pl.DataFrame) -> pl.Series:
    """Return the numbers of pairs whose chosen answer loses another pair of the same prompt.

    `examples` are those of `in_cycles`; what it ignores is ignored here.
    """
    pairs = _pairs(examples)
    lost = pairs.select("prompt", answer="other").unique()
    return pairs.join(lost, on=["prompt", "answer"], how="semi")["number"]


def _pairs(examples: pl.DataFrame) -> pl.DataFrame:
    """Return number, prompt, answer and other of the pairs of prompts that have several."""
    pairs = examples.filter(use="dpo").select("number", "prompt", "answer", "other")
    pairs = pairs.filter(pl.col("answer") != pl.col("other"))
    return pairs.filter(is_repeated(pairs["prompt"]))
